"""What can be wrong with a dataset on disk. Each message names the file or item and says what to do."""

from inference.errors import BonewrightError


class DatasetError(BonewrightError):
    """Base of every error about a dataset."""


class NotADatasetError(DatasetError):
    """There is no dataset of ours."""


class UnknownVersionError(DatasetError):
    """The dataset was written by another version of this program."""


class UnfinishedError(DatasetError):
    """The build was interrupted: some shards are missing."""


class ChangedPlanError(DatasetError):
    """A build of other items or with other options is there."""


class BusyError(DatasetError):
    """Another process is building here."""


class BadItemError(DatasetError):
    """An item cannot be written: its name or one of its arrays is not allowed."""


class UnknownItemError(DatasetError):
    """No item has this name or number."""


class DamagedShardError(DatasetError):
    """A shard is cut short or changed."""


class DamagedItemError(DatasetError):
    """The bytes of one item are not those that were written."""


class BadRecordError(DatasetError):
    """Arrays do not make the record that was asked for."""


class SkippedError(DatasetError):
    """An item cannot be made of this input; the build goes on without it."""
