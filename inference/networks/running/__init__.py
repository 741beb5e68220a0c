"""What networks are run by: ONNX Runtime or torch, on the CPU or a graphics card, and which of them there is."""
