"""One small HTTP layer for every JSON API that Starry asks: forges, Argo CD."""
