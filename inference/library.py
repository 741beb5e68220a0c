"""What `import bonewright` gives: docs/library.md tells how it is used, `__init__.py` of the whole lists the names."""

from .anatomy import Armature as Armature
from .anatomy import CurveSkeleton as CurveSkeleton
from .anatomy import Finding as Finding
from .anatomy import MedialMesh as MedialMesh
from .anatomy import MedialSpheres as MedialSpheres
from .anatomy import Mesh as Mesh
from .anatomy import Pose as Pose
from .anatomy import Report as Report
from .anatomy import Rig as Rig
from .anatomy import SkinWeights as SkinWeights
from .errors import BonewrightError as BonewrightError
from .pipelines.files import RiggedFile as RiggedFile
from .pipelines.files import read_mesh as read_mesh
from .pipelines.files import rig_file as rig_file
from .pipelines.meshes import curve_skeleton as curve_skeleton
from .pipelines.meshes import judge_rig as judge_rig
from .pipelines.meshes import medial_mesh as medial_mesh
from .pipelines.meshes import medial_spheres as medial_spheres
from .pipelines.meshes import rig_mesh as rig_mesh
from .pipelines.meshes import skin_mesh as skin_mesh
from .progress import Progress as Progress
from .requests import FitOptions as FitOptions
from .requests import RigOptions as RigOptions
from .requests import SkinOptions as SkinOptions
