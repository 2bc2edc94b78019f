"""Long-term memory for voice and LLM agents, in the agent's own process."""
