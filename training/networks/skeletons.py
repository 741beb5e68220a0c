"""The networks that draw skeletons, as their training starts."""

from __future__ import annotations

import numpy as np
import torch

from inference.networks.skeletonnet.network import PlainNet, Size, SkeletonNet

from .start import begin, quieten

RARE = 0.03  # share of the cells that are full when training starts


def fresh_skeleton_net(size: Size, *, plain: bool = False) -> SkeletonNet | PlainNet:
    """What training starts from: volumes that are nearly empty."""
    net = PlainNet(size) if plain else SkeletonNet(size)
    begin(net)
    quieten(net)
    nets = [net.volumes] if isinstance(net, PlainNet) else [net.volumes.local, net.volumes.whole]
    with torch.no_grad():
        for each in nets:
            if each is not None:
                each.logit.weight.mul_(0.3)
                assert each.logit.bias is not None
                each.logit.bias.fill_(float(np.log(RARE / (1 - RARE))))
    return net
