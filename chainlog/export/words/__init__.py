"""What people read, in their language: a catalogue of keys, and events and reports in words."""
