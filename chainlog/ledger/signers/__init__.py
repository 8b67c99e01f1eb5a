"""Where a signature comes from: a key file, or an ssh-agent."""
