"""What a task type is: runnable task, run context, registry of types, JSON schema, reference.

A type is a subclass of `model.task.Typed` with a `type_name`, in a package that an entry point of
the group `trunkline.plugins` names. Uses `model`, `expression` and `storage`. Start reading at
`task.py`, then `context.py`.
"""
