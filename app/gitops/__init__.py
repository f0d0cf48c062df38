"""The reconciler's reasoning and its Git: addresses, mirrors, layouts, plans, webhook formats."""
