"""Writes hidden.txt: the code points that no output may hold, from the files of the
Unicode Character Database and from nothing of this program. With Debian's package
unicode-data: python3 hidden.py /usr/share/unicode >hidden.txt"""
import re
import sys

root = sys.argv[1]
why = {c: "Cn" for c in range(0x110000)}  # what UnicodeData.txt does not name is not assigned
first = None
for line in open(f"{root}/UnicodeData.txt", encoding="ascii"):
    code, name, category = line.split(";")[:3]
    code = int(code, 16)
    if name.endswith("First>"):
        first = code
        continue
    for c in range(first if name.endswith("Last>") else code, code + 1):
        why[c] = category


def add(file, wanted, name):
    for line in open(f"{root}/{file}", encoding="utf-8"):
        found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
        if found and found[3] == wanted:
            for c in range(int(found[1], 16), int(found[2] or found[1], 16) + 1):
                why[c] = why[c] if why[c] in hidden else name


hidden = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Default_Ignorable_Code_Point", "Bidi_Control", "Noncharacter_Code_Point"}
for file, name in (("DerivedCoreProperties.txt", "Default_Ignorable_Code_Point"), ("PropList.txt", "Bidi_Control"), ("PropList.txt", "Noncharacter_Code_Point")):
    add(file, name, name)

version = re.search(r"DerivedCoreProperties-([0-9.]+)\.txt", open(f"{root}/DerivedCoreProperties.txt", encoding="utf-8").readline())[1]
print(f"# What no output may hold: Unicode {version}, made by hidden.py; first..last and the first reason.")
start = 0
for c in range(1, 0x110001):
    if c == 0x110000 or why[c] != why[start]:
        if why[start] in hidden:
            print(f"{start:04X}..{c - 1:04X} {why[start]}")
        start = c
