"""What is to be rigged: files, folders, patterns and manifests, on this machine or behind a URL."""
