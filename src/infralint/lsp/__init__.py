"""The language server: the engine's reports, as editors speak of them (Language Server Protocol 3.17)."""
