"""The story that the seeds tell, built through the functions that the commands call."""
