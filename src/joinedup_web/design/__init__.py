"""What every page shares: frame, components, lists, pictures, error pages, assets."""
