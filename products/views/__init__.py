"""The pages of products' inputs."""
