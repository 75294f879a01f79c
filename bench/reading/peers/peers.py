"""Reads pages with the Python extractors, for bench/reading: peers.py trafilatura|rs_trafilatura < LIST"""
import json
import sys
import time

name = sys.argv[1]
if name == "trafilatura":
    import trafilatura

    def read(body, url):
        return trafilatura.extract(body, url=url or None, include_comments=False) or ""
else:
    import rs_trafilatura

    def read(body, url):
        r = rs_trafilatura.extract(body.decode("utf-8", "replace"), url=url or None)
        return (getattr(r, "main_content", None) or getattr(r, "content_text", None) or "")

for line in sys.stdin:
    file, _, url = line.rstrip("\n").partition("\t")
    with open(file, "rb") as f:
        body = f.read()
    begin = time.process_time()
    try:
        text = read(body, url)
    except Exception:
        text = ""
    ms = (time.process_time() - begin) * 1000
    print(json.dumps({"text": text, "ms": ms}))
