"""The province summary (สรุปข้อมูลจังหวัด): a sheet a file, put together in ``book``."""
