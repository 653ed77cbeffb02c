// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the weights as an ELF object: a read-only section with the array of those that are stored as they are, one
// with the coded bytes of the others, and room for what these become. An assembler with .incbin would do the
// same by way of another copy of all bytes on disk and in memory.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <functional>

using namespace condense;
using namespace llvm::ELF;

namespace {

/// A section that defines one array of bytes.
struct Array {
  llvm::StringLiteral symbol;
  uint64_t size;
  uint64_t alignment;
  bool isReserved; ///< without contents: zeros in anonymous memory
  std::function<void(llvm::raw_ostream &)> write;
  uint64_t offset = 0;

  // farther away than an offset of 32 bits reaches
  bool isLarge() const { return size > uint64_t(1) << 30; }
  llvm::StringRef sectionName() const {
    if (isReserved)
      return isLarge() ? ".lbss" : ".bss";
    return isLarge() ? ".lrodata" : ".rodata";
  }
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

/// Memory of its own pages: the runtime protects them once they hold the weights.
static constexpr uint64_t pageBytes = 4096;

static std::vector<Array> getArrays(WeightBlob &weights) {
  std::vector<Array> arrays;
  auto add = [&](llvm::StringLiteral symbol, uint64_t size, uint64_t alignment, bool isReserved, auto write) {
    if (size)
      arrays.push_back({symbol, size, alignment, isReserved, write});
  };
  add(WeightBlob::symbol, weights.size(), WeightBlob::alignment, false,
      [&](llvm::raw_ostream &os) { weights.write(os); });
  add(WeightBlob::codedSymbol, weights.codedSize(), WeightBlob::alignment, false,
      [&](llvm::raw_ostream &os) { weights.writeCoded(os); });
  add(WeightBlob::decodedSymbol, llvm::alignTo(weights.decodedSize(), pageBytes), pageBytes, true,
      [](llvm::raw_ostream &) {});
  return arrays;
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

static Elf64_Shdr makeSection(const Array &array, uint32_t name) {
  uint64_t flags =
      SHF_ALLOC | (array.isReserved ? uint64_t(SHF_WRITE) : 0) | (array.isLarge() ? uint64_t(SHF_X86_64_LARGE) : 0);
  return makeSection(name, array.isReserved ? SHT_NOBITS : SHT_PROGBITS, flags, array.offset, array.size,
                     array.alignment);
}

static Elf64_Sym makeSymbol(const Array &array, uint32_t name, uint16_t section) {
  Elf64_Sym symbol = {};
  symbol.st_name = name;
  symbol.setBindingAndType(STB_GLOBAL, STT_OBJECT);
  symbol.st_other = STV_HIDDEN;
  symbol.st_shndx = section;
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
  header.e_machine = llvm::Triple(llvm::sys::getDefaultTargetTriple()).isAArch64() ? EM_AARCH64 : EM_X86_64;
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

void condense::target::writeWeightObject(WeightBlob &weights, llvm::raw_ostream &os) {
  std::vector<Array> arrays = getArrays(weights);
  StringTable names;
  std::vector<Elf64_Sym> symbols(1);
  std::vector<Elf64_Shdr> sections(1);
  uint64_t end = sizeof(Elf64_Ehdr);
  for (Array &array : arrays) {
    array.offset = end = llvm::alignTo(end, WeightBlob::alignment);
    end += array.isReserved ? 0 : array.size;
    symbols.push_back(makeSymbol(array, names.add(array.symbol), sections.size()));
    sections.push_back(makeSection(array, names.add(array.sectionName())));
  }
  uint64_t symbolTable = llvm::alignTo(end, 8), symbolBytes = symbols.size() * sizeof(Elf64_Sym);
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
  uint64_t position = sizeof(Elf64_Ehdr);
  for (const Array &array : arrays) {
    os.write_zeros(array.offset - position);
    array.write(os);
    position = array.offset + (array.isReserved ? 0 : array.size);
  }
  os.write_zeros(symbolTable - position);
  for (const Elf64_Sym &symbol : symbols)
    writeBytes(os, symbol);
  os << names.bytes;
  os.write_zeros(sectionTable - nameTable - names.bytes.size());
  for (const Elf64_Shdr &section : sections)
    writeBytes(os, section);
}
