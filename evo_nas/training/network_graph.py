"""The graph of one network, traced by itself: no other network can be in it."""

from __future__ import annotations

import tensorflow as tf

from evo_nas.config import Task
from evo_nas.training.candidate import clean_session
from evo_nas.training.encodings import build_network, trained_encoding
from genomes import Genome, Shape


def network_graph(genome: Genome, input_shape: Shape, num_outputs: int, task: Task) -> bytes:
    """A serialised GraphDef of the network's inference on rows of any number.

    The network is built and traced in a graph of its own (a graph that several networks share shows all of them).
    """
    with clean_session():
        trained = build_network(genome, input_shape, num_outputs, task)
        network = trained_encoding(genome).whole(trained, genome, num_outputs, task)
        call = tf.function(lambda rows: network(rows, training=False), autograph=False)
        rows = tf.TensorSpec((None, *input_shape), tf.float32, name="rows")
        graph: bytes = call.get_concrete_function(rows).graph.as_graph_def().SerializeToString()
    return graph
