"""The schema's history, one file a step; ``migrate`` walks it under a lock."""
