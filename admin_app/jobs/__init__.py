"""What runs in a worker: the kinds of work, the queue that calls for one, the worker itself."""
