"""Does it pay to train convolutional networks of one shape as one program, by grouped convolution?

    python -m experiments.grouped_convolution             # four minutes on two quiet cores
    python -m experiments.grouped_convolution --smoke

Replicates, folds, learning rates and rates of dropout of one network have the same shape, so their kernels can be
stacked and trained in one step, as dense networks are in cohorts. LeNet-5 (20 and 50 filters of 5 x 5, 500 units) on
images of 28 x 28, batches of 128, Adam, one thread: a step of 4 and of 8 members together, against as many steps of the
same traced program with one member, one after the other. The members see the same images, so the first convolution is
one with all their filters side by side; the second, which sees what each member made of them, is written in four ways:
by grouped convolution (`tf.nn.conv2d` with fewer channels in the kernel than in the input), as patches and one stacked
matrix product, as one convolution a member in the same graph, and by `tf.vectorized_map`. Dense layers are stacked
matrix products, the update is one formula over the stacked tensors.

The two are timed in turns and the ratio is the median of the turns, so that other work on the machine hurts both alike.
The last figure asks the same of two processes of one thread side by side, as a run's workers are. What is left out
favours neither much: a trace is paid once for many members together and once for each alone (half a second each), and
members that stop at different epochs would have to be seated anew.

On a machine with much other work, times as fast as alone with 4 and with 8 members: grouped convolution 1.07 and 1.02,
patches 0.55 and 0.65, one convolution a member 1.10 and 1.06, vectorised map 0.90 and 0.77; one convolution a member in
two processes 0.99. Convolutions of 128 images keep a core busy as they are. So nothing was built: convolutional
networks train one at a time, and the same bits in whatever company (law 4) come for nothing.

Bar: no way together is 1.2 times as fast as alone, so that the plain path is good enough.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from evo_nas.cli import errors_for_people
from experiments.bars import Bar, report

BATCH = 128
MEMBERS = (4, 8)
WORTH_BUILDING = 1.2
"""Together must be so many times as fast before a second trainer of convolutions is worth its code."""

Tensors = dict[str, Any]
Convolve = Callable[[Any, Any], Any]
"""Images [rows, height, width, members, channels], kernels [members, 5, 5, channels, filters] -> images of filters."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is timed."""

    batch: int = BATCH
    turns: int = 7
    members: tuple[int, ...] = MEMBERS


SMOKE_SIZE = Size(batch=8, turns=1, members=(2,))


def grouped(images: Any, kernels: Any) -> Any:
    import tensorflow as tf

    members, _, _, channels, filters = kernels.shape
    rows, (height, width) = tf.shape(images)[0], images.shape[1:3]
    side_by_side = tf.reshape(images, (rows, height, width, members * channels))
    kernel = tf.reshape(tf.transpose(kernels, (1, 2, 3, 0, 4)), (5, 5, channels, members * filters))
    made = tf.nn.conv2d(side_by_side, kernel, 1, "VALID")
    return tf.reshape(made, (rows, height - 4, width - 4, members, filters))


def patches(images: Any, kernels: Any) -> Any:
    import tensorflow as tf

    members, _, _, channels, filters = kernels.shape
    rows, (height, width) = tf.shape(images)[0], images.shape[1:3]
    side_by_side = tf.reshape(images, (rows, height, width, members * channels))
    cut = tf.image.extract_patches(side_by_side, (1, 5, 5, 1), (1, 1, 1, 1), (1, 1, 1, 1), "VALID")
    cut = tf.transpose(tf.reshape(cut, (-1, 25, members, channels)), (2, 0, 1, 3))
    made = tf.reshape(cut, (members, -1, 25 * channels)) @ tf.reshape(kernels, (members, 25 * channels, filters))
    return tf.transpose(tf.reshape(made, (members, rows, height - 4, width - 4, filters)), (1, 2, 3, 0, 4))


def one_by_one(images: Any, kernels: Any) -> Any:
    import tensorflow as tf

    pairs = zip(tf.unstack(images, axis=3), tf.unstack(kernels), strict=True)
    return tf.stack([tf.nn.conv2d(image, kernel, 1, "VALID") for image, kernel in pairs], axis=3)


def vectorised(images: Any, kernels: Any) -> Any:
    import tensorflow as tf

    pairs = tf.transpose(images, (3, 0, 1, 2, 4)), kernels
    made = tf.vectorized_map(lambda pair: tf.nn.conv2d(*pair, 1, "VALID"), pairs)
    return tf.transpose(made, (1, 2, 3, 0, 4))


WAYS: Mapping[str, Convolve] = {
    "grouped convolution": grouped,
    "patches and a matrix product": patches,
    "one convolution a member": one_by_one,
    "vectorised map": vectorised,
}
SHAPES = {
    "first": (5, 5, 1, 20),
    "first_bias": (20,),
    "second": (5, 5, 20, 50),
    "second_bias": (50,),
    "dense": (4 * 4 * 50, 500),
    "dense_bias": (1, 500),
    "output": (500, 10),
    "output_bias": (1, 10),
}


def logits(weights: Tensors, images: Any, convolve: Convolve) -> Any:
    """What LeNet-5 of every member says of the same images [rows, 28, 28, 1]: [members, rows, 10]."""
    import tensorflow as tf

    members, rows = weights["first"].shape[0], tf.shape(images)[0]
    kernel = tf.reshape(tf.transpose(weights["first"], (1, 2, 3, 0, 4)), (5, 5, 1, members * 20))
    values = tf.nn.conv2d(images, kernel, 1, "VALID") + tf.reshape(weights["first_bias"], (-1,))
    values = tf.nn.max_pool2d(tf.nn.relu(values), 2, 2, "VALID")
    values = convolve(tf.reshape(values, (rows, 12, 12, members, 20)), weights["second"]) + weights["second_bias"]
    values = tf.nn.relu(tf.reshape(values, (rows, 8, 8, members * 50)))
    values = tf.reshape(tf.nn.max_pool2d(values, 2, 2, "VALID"), (rows, 16, members, 50))
    values = tf.reshape(tf.transpose(values, (2, 0, 1, 3)), (members, rows, 16 * 50))
    values = tf.nn.relu(values @ weights["dense"] + weights["dense_bias"])
    return values @ weights["output"] + weights["output_bias"]


class Network:
    """So many members of LeNet-5, and Adam (Kingma and Ba 2015) over the stacked tensors. `train` is one step."""

    def __init__(self, members: int, convolve: Convolve, batch: int) -> None:
        import tensorflow as tf

        generator = tf.random.Generator.from_seed(0)
        self.weights = {name: tf.Variable(0.05 * generator.normal((members, *shape))) for name, shape in SHAPES.items()}
        slots = [{name: tf.Variable(tf.zeros_like(w)) for name, w in self.weights.items()} for _ in range(2)]
        signature = (tf.TensorSpec((batch, 28, 28, 1)), tf.TensorSpec((batch, 10)), tf.TensorSpec(()))

        def step(images: Any, targets: Any, number: Any) -> Any:
            with tf.GradientTape() as tape:
                said = logits(self.weights, images, convolve)
                everybody = tf.broadcast_to(targets, tf.shape(said))
                losses = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(everybody, said), axis=1)
                total = tf.reduce_sum(losses)
            slopes = tape.gradient(total, self.weights)
            rate = 0.001 * tf.sqrt(1.0 - 0.999**number) / (1.0 - 0.9**number)
            for name, slope in slopes.items():
                mean, square = (slot[name] for slot in slots)
                mean.assign_add(0.1 * (slope - mean))
                square.assign_add(0.001 * (tf.square(slope) - square))
                self.weights[name].assign_sub(rate * mean / (tf.sqrt(square) + 1e-7))
            return losses

        self.train = tf.function(step, input_signature=signature, autograph=False).get_concrete_function()


def seconds_of(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def times_as_fast(way: str, members: int, size: Size) -> float:
    """Of one step of all members together against one step of each, one after the other; the median of the turns."""
    import tensorflow as tf

    images = tf.random.Generator.from_seed(1).uniform((size.batch, 28, 28, 1))
    targets = tf.one_hot(tf.range(size.batch) % 10, 10)
    number = tf.constant(1.0)
    together = Network(members, WAYS[way], size.batch)
    alone = Network(1, one_by_one, size.batch)

    def one_after_the_other() -> None:
        for _ in range(members):
            alone.train(images, targets, number).numpy()

    def all_at_once() -> None:
        together.train(images, targets, number).numpy()

    for warm in (one_after_the_other, all_at_once):
        warm()
    return median(seconds_of(one_after_the_other) / seconds_of(all_at_once) for _ in range(size.turns))


def prepare() -> None:
    """One thread on the CPU, as a run's worker has."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def measured(size: Size) -> dict[tuple[str, int], float]:
    """(way, members) -> how many times as fast together; 0 where this TensorFlow cannot train so on a CPU."""
    import tensorflow as tf

    figures = {}
    for way in WAYS:
        for members in size.members:
            try:
                figures[way, members] = times_as_fast(way, members, size)
                print(f"{way}, {members} members: {figures[way, members]:.2f} times as fast as alone", flush=True)
            except (tf.errors.OpError, ValueError, NotImplementedError) as error:
                figures[way, members] = 0.0
                print(f"{way}, {members} members: not possible ({type(error).__name__}: {str(error)[:100]})")
    return figures


def side_by_side(way: str, members: int, *, smoke: bool) -> float:
    """The smaller ratio of two processes that measure the same at the same time."""
    command = [sys.executable, "-m", "experiments.grouped_convolution", "--way", way, "--members", str(members)]
    command += ["--smoke"] if smoke else []
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in processes]
    return min(float(text.splitlines()[-1]) for text in said)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 if the bar is met."""
    parser = argparse.ArgumentParser(prog="python -m experiments.grouped_convolution", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--smoke", action="store_true", help="a size that a test can afford; its figures say nothing")
    parser.add_argument("--way", choices=list(WAYS), help="print the ratio of one way alone")
    parser.add_argument("--members", type=int, default=MEMBERS[0])
    asked = parser.parse_args(arguments)
    size = SMOKE_SIZE if asked.smoke else Size()
    with errors_for_people():
        prepare()
        if asked.way:
            print(times_as_fast(asked.way, asked.members, size))
            return 0
        return answer(size, smoke=asked.smoke)


def answer(size: Size, *, smoke: bool) -> int:
    """All ways, then the best of them in two processes; then the bar."""
    figures = measured(size)
    way, members = max(figures, key=lambda key: figures[key])
    both = side_by_side(way, members, smoke=smoke)
    print(f"in two processes, {way}, {members} members: {both:.2f} times as fast as alone")
    best = min(figures[way, members], both)
    return report([Bar("times as fast together, at best", best, WORTH_BUILDING, "at most")])


if __name__ == "__main__":
    raise SystemExit(main())
