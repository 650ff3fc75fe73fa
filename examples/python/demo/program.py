"""Reads a table from one folder, writes a report to another; both are folders of the host, under the names it chose."""
import csv, hashlib, json, statistics, sys
from pathlib import Path

print(f"Python {sys.version.split()[0]} on {sys.platform}, arguments {sys.argv[1:]}")

with open("/demo/rivers.csv", newline="") as file:
    rivers = [(row["river"], int(row["km"]), row["continent"]) for row in csv.DictReader(file)]

lengths = {}
for river, km, continent in rivers:
    lengths.setdefault(continent, []).append(km)
for continent, values in sorted(lengths.items(), key=lambda item: -statistics.mean(item[1])):
    print(f"  {continent:<14} {len(values)} rivers, {statistics.mean(values):7.1f} km on average")

primes = [n for n in range(2, 600) if all(n % k for k in range(2, int(n**0.5) + 1))]
digest = hashlib.sha256(str(2**4000).encode()).hexdigest()[:16]
print(f"  {len(primes)} primes below 600, sha256 of 2**4000: {digest}")

longest = max(rivers, key=lambda r: r[1])
Path("/out/report.json").write_text(json.dumps({"longest": longest[0], "km": longest[1], "count": len(rivers)}))

try:
    open("/etc/passwd")
except OSError as error:
    print(f"  outside its folders: {type(error).__name__}")
