// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes an ELF object that reserves memory for the weights: a read-only section for the bytes that are stored, which
// storeWeights appends to the linked library, and one for what those that are coded become. The bytes themselves in
// the object (as .incbin would put them there) would be written to disk twice and read once more.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <vector>

using namespace condense;
using namespace condense::target;
using namespace llvm::ELF;

namespace {

/// A section of memory without contents, all of it one page or more.
struct Section {
  llvm::StringRef name;
  uint64_t flags;
  uint64_t size;
};

/// An array of bytes in a section.
struct Array {
  llvm::StringRef symbol;
  uint16_t section;
  uint64_t offset, size;
};

/// Collects names, each ended by a zero byte.
class StringTable {
public:
  uint32_t add(llvm::StringRef name) {
    uint32_t offset = bytes.size();
    bytes.append(name.begin(), name.end());
    bytes.push_back('\0');
    return offset;
  }
  std::string bytes = std::string(1, '\0');
};

} // namespace

static bool isAArch64() { return llvm::Triple(llvm::sys::getDefaultTargetTriple()).isAArch64(); }

/// The largest page of the processor: what is stored is mapped, what is decoded is protected.
static uint64_t pageBytes() { return isAArch64() ? 65536 : 4096; }

/// Where the coded bytes begin, after the others.
static uint64_t codedOffset(const WeightBlob &weights) { return llvm::alignTo(weights.size(), WeightBlob::alignment); }

uint64_t condense::target::getStoredBytes(const WeightBlob &weights) {
  return weights.codedSize() ? codedOffset(weights) + weights.codedSize() : weights.size();
}

void condense::target::writeStoredBytes(WeightBlob &weights, llvm::raw_ostream &os) {
  weights.write(os);
  if (!weights.codedSize())
    return;
  os.write_zeros(codedOffset(weights) - weights.size());
  weights.writeCoded(os);
}

/// Farther away than an offset of 32 bits reaches.
static uint64_t largeFlag(uint64_t size) {
  return size > uint64_t(1) << 30 && !isAArch64() ? uint64_t(SHF_X86_64_LARGE) : 0;
}

static Elf64_Shdr makeSection(uint32_t name, uint32_t type, uint64_t flags, uint64_t offset, uint64_t size,
                              uint64_t alignment) {
  Elf64_Shdr section = {};
  section.sh_name = name;
  section.sh_type = type;
  section.sh_flags = flags;
  section.sh_offset = offset;
  section.sh_size = size;
  section.sh_addralign = alignment;
  return section;
}

static Elf64_Sym makeSymbol(const Array &array, uint32_t name) {
  Elf64_Sym symbol = {};
  symbol.st_name = name;
  symbol.setBindingAndType(STB_GLOBAL, STT_OBJECT);
  symbol.st_other = STV_HIDDEN;
  symbol.st_shndx = array.section;
  symbol.st_value = array.offset;
  symbol.st_size = array.size;
  return symbol;
}

static Elf64_Ehdr makeHeader(uint64_t sectionTable, uint16_t sections, uint16_t names) {
  Elf64_Ehdr header = {};
  std::copy_n(ElfMagic, 4, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = isAArch64() ? EM_AARCH64 : EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = sections;
  header.e_shstrndx = names;
  header.e_shoff = sectionTable;
  return header;
}

template <typename T> static void writeBytes(llvm::raw_ostream &os, const T &value) {
  os.write(reinterpret_cast<const char *>(&value), sizeof(T));
}

/// The sections that memory is reserved in, and the arrays in them.
static void reserve(const WeightBlob &weights, std::vector<Section> &sections, std::vector<Array> &arrays) {
  auto begin = [&](llvm::StringRef name, uint64_t flags, uint64_t size) -> uint16_t {
    sections.push_back({name, SHF_ALLOC | flags | largeFlag(size), size});
    return sections.size(); // the first section of a file is none
  };
  if (uint64_t size = getStoredBytes(weights)) {
    uint16_t section = begin(storedSection, 0, size);
    if (weights.size())
      arrays.push_back({WeightBlob::symbol, section, 0, weights.size()});
    if (weights.codedSize())
      arrays.push_back({WeightBlob::codedSymbol, section, codedOffset(weights), weights.codedSize()});
  }
  if (uint64_t size = llvm::alignTo(weights.decodedSize(), pageBytes()))
    arrays.push_back({WeightBlob::decodedSymbol, begin(largeFlag(size) ? ".lbss" : ".bss", SHF_WRITE, size), 0, size});
}

void condense::target::writeWeightObject(const WeightBlob &weights, llvm::raw_ostream &os) {
  std::vector<Section> reserved;
  std::vector<Array> arrays;
  reserve(weights, reserved, arrays);
  StringTable names;
  std::vector<Elf64_Sym> symbols(1);
  std::vector<Elf64_Shdr> sections(1);
  for (const Section &section : reserved)
    sections.push_back(
        makeSection(names.add(section.name), SHT_NOBITS, section.flags, sizeof(Elf64_Ehdr), section.size, pageBytes()));
  for (const Array &array : arrays)
    symbols.push_back(makeSymbol(array, names.add(array.symbol)));
  uint64_t symbolTable = sizeof(Elf64_Ehdr), symbolBytes = symbols.size() * sizeof(Elf64_Sym);
  uint64_t nameTable = symbolTable + symbolBytes;
  Elf64_Shdr symtab = makeSection(names.add(".symtab"), SHT_SYMTAB, 0, symbolTable, symbolBytes, 8);
  uint32_t strtabName = names.add(".strtab"), stackName = names.add(".note.GNU-stack");
  symtab.sh_link = sections.size() + 1; // the table of names, which follows
  symtab.sh_info = 1;                   // the first global symbol
  symtab.sh_entsize = sizeof(Elf64_Sym);
  sections.push_back(symtab);
  sections.push_back(makeSection(strtabName, SHT_STRTAB, 0, nameTable, names.bytes.size(), 1));
  sections.push_back(makeSection(stackName, SHT_PROGBITS, 0, nameTable, 0, 1));
  uint64_t sectionTable = llvm::alignTo(nameTable + names.bytes.size(), 8);

  writeBytes(os, makeHeader(sectionTable, sections.size(), symtab.sh_link));
  for (const Elf64_Sym &symbol : symbols)
    writeBytes(os, symbol);
  os << names.bytes;
  os.write_zeros(sectionTable - nameTable - names.bytes.size());
  for (const Elf64_Shdr &section : sections)
    writeBytes(os, section);
}
