"""Terraform provider for Trunkline: the server's resources as Terraform sees them."""
