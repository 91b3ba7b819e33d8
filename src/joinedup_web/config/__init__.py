"""How the website is put together: settings, addresses, middleware, the WSGI door."""
