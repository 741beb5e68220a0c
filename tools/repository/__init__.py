"""The extension as a static repository: a folder on any web server, from which Blender installs and updates it."""
