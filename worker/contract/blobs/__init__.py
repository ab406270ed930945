"""Files by digest, in a folder or a bucket: written whole, verified when read, collected when nobody needs them."""
