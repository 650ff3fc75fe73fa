"""Reads a table from one folder, writes a report to another; both are folders of the host, under the names it chose."""
import hashlib, json, sys

print(f"Python {sys.version.split()[0]} on {sys.platform}, arguments {sys.argv[1:]}")

with open("/demo/rivers.csv", encoding="utf-8") as file:
    header, *lines = file.read().splitlines()
rivers = [(river, int(km), continent) for river, km, continent in (line.split(",") for line in lines)]

lengths = {}
for river, km, continent in rivers:
    lengths.setdefault(continent, []).append(km)
for continent, values in sorted(lengths.items(), key=lambda item: -max(item[1])):
    print(f"  {continent:<14} {len(values)} rivers, {sum(values) / len(values):7.1f} km on average")

primes = [n for n in range(2, 2000) if all(n % k for k in range(2, int(n**0.5) + 1))]
digest = hashlib.sha256(str(2**4000).encode()).hexdigest()[:16]
print(f"  {len(primes)} primes below 2000, sha256 of 2**4000: {digest}")

longest = max(rivers, key=lambda river: river[1])
with open("/out/report.json", "w", encoding="utf-8") as file:
    json.dump({"longest": longest[0], "km": longest[1], "count": len(rivers)}, file)

try:
    open("/etc/passwd")
except OSError as error:
    print(f"  outside its folders: {type(error).__name__}")
