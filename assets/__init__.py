"""What is bundled beside the code: fonts, icons, sounds and the demo catalogue. Data, no logic."""
