"""Errors a user can act on. Each message names the thing, says what is wrong and what to do."""


class BonewrightError(Exception):
    """Base of every error that is meant to be read by the user."""


class EmptyMeshError(BonewrightError):
    """The mesh has no usable triangle."""


class BadMeshError(BonewrightError):
    """The mesh has faces, but nothing of them can be used."""


class FileError(BonewrightError):
    """A file cannot be read or written."""


class WriteError(FileError):
    """A result cannot be written, whatever the input is."""


class FetchError(FileError):
    """A file that is not on this machine could not be fetched; another try may do it."""


class RiggedAlreadyError(FileError):
    """The meshes of a file have a rig, and nobody asked to replace it."""


class NeedsBlenderError(FileError):
    """Only Blender can read what is in a file."""


class PictureError(BonewrightError):
    """A picture cannot be used."""


class EmptyPictureError(PictureError):
    """Nothing in the picture is the object."""


class BackgroundError(PictureError):
    """The object cannot be told from what is behind it."""


class BadRequestError(BonewrightError):
    """An option of the request is out of range or contradicts another."""


class ShapeError(BonewrightError):
    """A network has drawn nothing that could be used."""


class BadArmatureError(BonewrightError):
    """An armature that was handed in cannot be bound."""


class Cancelled(BonewrightError):
    """The user asked to stop. Not a failure: nothing is to be reported."""


class WorkerError(BonewrightError):
    """The process that does the work could not be started, died, or was asked while busy."""


class ProtocolError(WorkerError):
    """The two ends of the pipe do not speak the same language."""


class InstallError(BonewrightError):
    """A Python environment for torch could not be made."""


class PythonError(BonewrightError):
    """The chosen Python cannot serve as the worker's."""


class WeightsError(BonewrightError):
    """The trained weights of a network are missing or damaged."""


class MissingRuntimeError(BonewrightError):
    """What runs the trained networks is not installed, or does not run on this system."""


class UnexpectedError(BonewrightError):
    """A mistake of this program: `trace` tells the developers where."""

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace
