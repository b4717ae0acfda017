"""A network on a pretrained backbone: what is trained of it, what is saved, and that both say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from evo_nas.data import fit_image_preprocessing
from evo_nas.errors import UserError
from evo_nas.training import tasks
from evo_nas.training.backbones.features import computed_features, frozen_part
from evo_nas.training.backbones.store import open_backbone
from evo_nas.training.encodings import build_network
from evo_nas.training.judging import judged
from evo_nas.training.network_graph import network_graph
from evo_nas.training.networks.transfer import FROZEN, THAWED
from evo_nas.training.weights import read_weights
from evo_nas.training.winner import load_winner
from genomes import encoding_from
from tests.training.test_refitting import asked
from tests.training.training_cases import KERAS_SAVES, ignore_news, trained
from tests.training.transfer_cases import coloured_images, open_transfer_training, transfer_payload

pytestmark = KERAS_SAVES
CUTS = ["block_0_drop", "block_1_add", "end"]


@pytest.mark.parametrize("frozen_until", CUTS)
@pytest.mark.parametrize("genes", [{}, {"layers": 0}, {"pooling": "flatten", "batch_normalization": True}])
def test_parameters_are_those_of_keras(
    images: Path, space: dict[str, Any], frozen_until: str, genes: dict[str, Any]
) -> None:
    training = open_transfer_training(images, space, frozen_until=frozen_until, **genes)
    encoding, genome = training.request.encoding, training.request.genome
    whole = training.whole(training.network())
    assert encoding.size(genome, (8, 8, 3), 3).parameters == whole.count_params()
    by_layer = {record.name: record.parameters for record in encoding.layer_table(genome, (8, 8, 3), 3)}
    blocks = [name for name in by_layer if name.startswith("block")]
    assert (
        sum(by_layer[name] for name in blocks)
        == open_backbone(str(genome.genes["backbone_digest"])).model.count_params()
    )


@pytest.mark.parametrize("frozen_until", CUTS)
def test_features_and_trained_part_are_the_whole_network(
    images: Path, space: dict[str, Any], frozen_until: str
) -> None:
    training = open_transfer_training(images, space, frozen_until=frozen_until)
    program = training.build()
    program.start(training.request.streams(0))
    examples = training.examples(training.folds[0])
    by_parts = program.model(examples.train.prepared(), training=False).numpy()
    dataset, rows = coloured_images(), training.folds[0].train
    pixels = fit_image_preprocessing(dataset, rows, "symmetric").transform(dataset.pixels[rows])
    np.testing.assert_allclose(training.whole(program.model)(pixels, training=False), by_parts, atol=2e-6)


def test_training_changes_what_is_thawed_and_nothing_of_the_normalisation(images: Path, space: dict[str, Any]) -> None:
    training = open_transfer_training(images, space, {"epochs": 2, "early_stopping": False})
    program = training.build()
    pretrained = {weight.path: weight.numpy() for weight in open_backbone(space["backbone_digest"]).model.weights}
    fit = training.fit(program, training.folds[0], 0, ignore_news)
    thawed = [path for path in fit.weights if path.startswith("block_2")]
    assert sorted(thawed) == sorted(path for path in pretrained if path.startswith("block_2"))
    changed = {path for path in thawed if not np.array_equal(fit.weights[path], pretrained[path])}
    assert changed == {"block_2_conv/kernel"}


def test_dropout_and_normalisation_of_the_backbone_are_off_in_training(images: Path, space: dict[str, Any]) -> None:
    program = open_transfer_training(images, space).build()
    part = program.model.get_layer(THAWED)
    inputs = np.random.default_rng(0).random((5, *part.input_shape[1:]), dtype=np.float32)
    assert np.array_equal(part(inputs, training=True), part(inputs, training=False))


def test_a_training_begins_with_the_pretrained_weights_each_time(images: Path, space: dict[str, Any]) -> None:
    training = open_transfer_training(images, space, {"epochs": 2})
    program, curves = training.build(), []
    for _ in range(2):
        curves.append(training.fit(program, training.folds[0], 0, ignore_news).curves)
    assert curves[0] == curves[1]


@pytest.mark.parametrize("frozen_until", ["block_1_add", "end"])
def test_the_winner_predicts_what_was_scored(
    images: Path, space: dict[str, Any], tmp_path: Path, frozen_until: str
) -> None:
    weights = tmp_path / "weights.safetensors"
    payload = transfer_payload(images, space, {"metrics": ["accuracy", "log_loss"]}, frozen_until=frozen_until)
    outcome = trained({**payload, "weights": str(weights)})
    folder = tmp_path / "winner"
    folder.mkdir()
    answer = asked("export", {**payload, "weights": str(weights)}, folder, best_epochs=[3])
    assert answer["parameters"] == outcome.parameters == load_winner(folder).model.count_params()
    training = open_transfer_training(images, space, {"metrics": ["accuracy", "log_loss"]}, frozen_until=frozen_until)
    said = judged(folder, coloured_images(), training.folds[0].validation, "validation")
    assert said is not None
    assert said.scores()["log_loss"] == pytest.approx(outcome.metrics["log_loss"], abs=1e-5)
    assert said.scores()["accuracy"] == outcome.metrics["accuracy"]


@pytest.mark.slow
def test_a_winner_is_trained_further(images: Path, space: dict[str, Any], tmp_path: Path) -> None:
    payload = transfer_payload(images, space, {"metrics": ["accuracy"]})
    for name in ("winner", "further"):
        (tmp_path / name).mkdir()
    asked("export", {**payload, "weights": None}, tmp_path / "winner", best_epochs=[3])
    request = {**payload, "winner": str(tmp_path / "winner"), "epochs": 1, "folder": str(tmp_path / "further")}
    answer = tasks.HANDLERS["train_further"](request, ignore_news)
    before, after = (read_weights(load_winner(tmp_path / name).model) for name in ("winner", "further"))
    changed = {path for path in before if not np.array_equal(before[path], after[path])}
    assert answer["parameters"] == sum(weight.size for weight in before.values())
    assert changed == {"block_2_conv/kernel", "hidden_1/kernel", "hidden_1/bias", "logits/kernel", "logits/bias"}


def test_augmented_images_are_trained_on_from_pixels_and_nothing_else_changes(
    images: Path, space: dict[str, Any]
) -> None:
    kept, changing = (
        open_transfer_training(images, space, {"augmentation": {"flip": flip}}).build() for flip in (0.0, 0.5)
    )
    assert (kept.model.input_shape, changing.model.input_shape) == ((None, 8, 8, 4), (None, 8, 8, 3))
    assert not changing.model.get_layer(FROZEN).trainable_weights
    assert [w.path for w in kept.model.trainable_weights] == [w.path for w in changing.model.trainable_weights]
    training = open_transfer_training(images, space)
    genome, dataset, rows = training.request.genome, coloured_images(), np.arange(9)
    fitted = fit_image_preprocessing(dataset, rows, "symmetric")
    for program in (kept, changing):
        program.start(training.request.streams(0))
    features = computed_features(dataset, rows, fitted, genome)
    pixels = fitted.transform(dataset.pixels[rows])
    np.testing.assert_allclose(changing.model(pixels), kept.model(features), atol=2e-6)
    np.testing.assert_allclose(
        frozen_part(open_backbone(space["backbone_digest"]), genome)(pixels), features, atol=2e-6
    )


@pytest.mark.slow
def test_augmentation_trains_and_is_exported(images: Path, space: dict[str, Any], tmp_path: Path) -> None:
    payload = transfer_payload(images, space, {"metrics": ["accuracy"], "epochs": 1}, augment_flip=0.5)
    assert trained(payload).ok
    answer = asked("export", {**payload, "weights": None}, tmp_path, best_epochs=[1])
    assert answer["parameters"] == trained(payload).parameters


@pytest.mark.slow
def test_more_outputs_than_classes(images: Path, space: dict[str, Any], tmp_path: Path) -> None:
    payload = transfer_payload(images, space, {"metrics": ["accuracy", "roc_auc"]}, outputs=5)
    outcome = trained(payload)
    assert outcome.ok
    asked("export", {**payload, "weights": None}, tmp_path, best_epochs=[3])
    winner = load_winner(tmp_path)
    assert winner.model.output_shape == (None, 5)
    told = winner.predict(coloured_images().pixels)
    assert list(told)[:4] == ["prediction", *(f"probability_{name}" for name in winner.schema.classes)]
    assert set(told["prediction"]) <= set(winner.schema.classes)


def test_a_genome_of_a_backbone_that_is_nowhere(space: dict[str, Any]) -> None:
    encoding = encoding_from({**space, "backbone_digest": "0" * 32})
    with pytest.raises(UserError, match="the backbone of this network is not here; run the search on it again"):
        build_network(encoding.default(), (8, 8, 3), 3, "multiclass")


def test_the_graph_is_that_of_the_whole_network(space: dict[str, Any]) -> None:
    encoding = encoding_from(space)
    graph = tf.compat.v1.GraphDef.FromString(network_graph(encoding.default(), (8, 8, 3), 3, "multiclass"))
    rows = next(node for node in graph.node if node.name == "rows")
    assert [dim.size for dim in rows.attr["shape"].shape.dim] == [-1, 8, 8, 3]
