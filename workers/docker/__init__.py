"""Docker tasks: containers and images."""
