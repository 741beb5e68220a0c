import dataclasses
import io
import os
import struct

import numpy as np
import pytest

from inference.anatomy import Armature, Finding, Mesh, Pose, Report, Rig, SkinWeights, Symmetry
from inference.engine.wire import PROTOCOL, Ask, Done, Hello, Message, read_message, write_message
from inference.errors import ProtocolError
from inference.requests import RigJob, RigOptions


def there_and_back(message: Message) -> Message | None:
    pipe = io.BytesIO()
    write_message(pipe, message)
    pipe.seek(0)
    return read_message(pipe)


def assert_same(one: object, two: object) -> None:
    assert type(one) is type(two)
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        assert one.dtype == two.dtype
        assert one.shape == two.shape
        np.testing.assert_array_equal(one, two)
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(two, field.name))
    elif isinstance(one, tuple) and isinstance(two, tuple):
        assert len(one) == len(two)
        for a, b in zip(one, two, strict=True):
            assert_same(a, b)
    else:
        assert one == two


def make_rig() -> Rig:
    count = 3
    armature = Armature(
        names=("hips", "Wirbelsäule", "头"),
        parents=np.array([-1, 0, 1], np.int32),
        heads=np.arange(9.0).reshape(3, 3),
        tails=np.arange(9.0).reshape(3, 3) + 1,
        rolls=np.zeros(count),
        connected=np.array([False, True, True]),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.ones((count, 2)),
        kind="biped",
        symmetry=Symmetry(np.array([1.0, 0, 0]), 0.5),
    )
    skin = SkinWeights(np.zeros((5, 4), np.int32), np.full((5, 4), 0.25, np.float32))
    warnings = (Finding("look", ("hips",), np.array([1, 2], np.int32)), Finding("nothing else"))
    report = Report(0.9, 1.0, 0.8, 1.2, valid=True, score=0.7, warnings=warnings)
    pose = Pose(np.array([0.0, 0, 1]), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]), 0.5)
    return Rig(armature, skin, report, pose)


def test_a_rig_arrives_as_it_was_sent():
    message = Done(7, make_rig())
    assert_same(message, there_and_back(message))


def test_a_job_arrives_with_its_options_and_its_empty_arrays():
    mesh = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    message = Ask(1, RigJob(mesh, RigOptions(kind="quadruped", bind=False, seed=3)))
    assert_same(message, there_and_back(message))


def test_arrays_that_are_not_contiguous_and_big_endian_ones_arrive_whole():
    mesh = Mesh(np.arange(24.0).reshape(4, 6)[:, ::2], np.arange(6, dtype=">i4").reshape(2, 3))
    message = Ask(1, RigJob(mesh))
    received = there_and_back(message)
    assert isinstance(received, Ask)
    assert isinstance(received.job, RigJob)
    np.testing.assert_array_equal(received.job.mesh.vertices, mesh.vertices)
    np.testing.assert_array_equal(received.job.mesh.triangles, mesh.triangles)


def test_a_closed_pipe_between_messages_is_the_end_and_within_one_an_error():
    assert read_message(io.BytesIO()) is None
    pipe = io.BytesIO()
    write_message(pipe, Done(1, make_rig()))
    for cut in (3, 20, len(pipe.getvalue()) - 5):
        with pytest.raises(ProtocolError):
            read_message(io.BytesIO(pipe.getvalue()[:cut]))


def test_another_protocol_and_things_that_are_no_message_are_refused():
    pipe = io.BytesIO()
    write_message(pipe, Hello("3.11", "1.26"))
    other = bytearray(pipe.getvalue())
    other[4] += 1
    with pytest.raises(ProtocolError, match=f"speaks protocol {PROTOCOL + 1}, this Bonewright speaks {PROTOCOL}"):
        read_message(io.BytesIO(bytes(other)))
    with pytest.raises(ProtocolError, match="no Bonewright message"):
        read_message(io.BytesIO(b"Traceback (most recent call last)"))


@pytest.mark.parametrize(
    "header",
    [
        b'{"content": {"class": "Popen", "fields": {"args": "ls"}}, "arrays": []}',
        b'{"content": {"class": "Hello", "fields": {"python": "3", "numpy": "1", "more": 1}}, "arrays": []}',
        b'{"content": {"array": 4}, "arrays": []}',
        b'{"content": 5, "arrays": [["|O", [2]]]}',
        b'{"content": 5, "arrays": [["<f8", [-1]]]}',
        b'{"content": 5, "arrays": []}',
        b"not json",
    ],
)
def test_only_known_messages_of_numbers_are_understood(header: bytes):
    with pytest.raises(ProtocolError):
        read_message(io.BytesIO(struct.pack("<4sHxxI", b"BONE", PROTOCOL, len(header)) + header))


def test_what_is_no_noun_is_not_sent():
    with pytest.raises(TypeError):
        write_message(io.BytesIO(), Done(1, os))
    with pytest.raises(TypeError):
        write_message(io.BytesIO(), Done(1, np.array([object()])))
