// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes the weights as an ELF object of one read-only section. An assembler with .incbin would
// do the same by way of another copy of all bytes on disk and in memory.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace condense;
using namespace llvm::ELF;

namespace {

// Offsets of the names in the string table.
constexpr llvm::StringLiteral strings = llvm::StringLiteral::withInnerNUL(
    "\0.rodata\0.lrodata\0.symtab\0.strtab\0.note.GNU-stack\0condense_weights\0");
enum : uint32_t {
  smallName = 1,
  largeName = 9,
  symtabName = 18,
  strtabName = 26,
  stackName = 34,
  symbolName = 50
};

enum : uint16_t { weightsSection = 1, symtabSection, strtabSection, stackSection, sectionCount };

} // namespace

static Elf64_Shdr makeSection(uint32_t name, uint32_t type, uint64_t flags, uint64_t offset,
                              uint64_t size, uint64_t alignment) {
  Elf64_Shdr section = {};
  section.sh_name = name;
  section.sh_type = type;
  section.sh_flags = flags;
  section.sh_offset = offset;
  section.sh_size = size;
  section.sh_addralign = alignment;
  return section;
}

static Elf64_Ehdr makeHeader(uint64_t sectionTable) {
  Elf64_Ehdr header = {};
  std::copy_n(ElfMagic, 4, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine =
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).isAArch64() ? EM_AARCH64 : EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = sectionCount;
  header.e_shstrndx = strtabSection;
  header.e_shoff = sectionTable;
  return header;
}

template <typename T>
static void writeBytes(llvm::raw_ostream &os, const T &value) {
  os.write(reinterpret_cast<const char *>(&value), sizeof(T));
}

void condense::target::writeWeightObject(const WeightBlob &weights, llvm::raw_ostream &os) {
  constexpr uint64_t start = WeightBlob::alignment;
  static_assert(start >= sizeof(Elf64_Ehdr));
  uint64_t symbols = llvm::alignTo(start + weights.size(), 8);
  uint64_t names = symbols + 2 * sizeof(Elf64_Sym);
  uint64_t table = llvm::alignTo(names + strings.size(), 8);
  bool isLarge = weights.size() > uint64_t(1) << 30;

  writeBytes(os, makeHeader(table));
  os.write_zeros(start - sizeof(Elf64_Ehdr));
  weights.write(os);
  os.write_zeros(symbols - start - weights.size());

  Elf64_Sym symbol = {};
  writeBytes(os, symbol);
  symbol.st_name = symbolName;
  symbol.setBindingAndType(STB_GLOBAL, STT_OBJECT);
  symbol.st_other = STV_HIDDEN;
  symbol.st_shndx = weightsSection;
  symbol.st_size = weights.size();
  writeBytes(os, symbol);
  os << strings;
  os.write_zeros(table - names - strings.size());

  writeBytes(os, Elf64_Shdr());
  writeBytes(os, makeSection(isLarge ? largeName : smallName, SHT_PROGBITS,
                             SHF_ALLOC | (isLarge ? uint64_t(SHF_X86_64_LARGE) : 0), start,
                             weights.size(), WeightBlob::alignment));
  Elf64_Shdr symtab =
      makeSection(symtabName, SHT_SYMTAB, 0, symbols, 2 * sizeof(Elf64_Sym), 8);
  symtab.sh_link = strtabSection;
  symtab.sh_info = 1; // the first global symbol
  symtab.sh_entsize = sizeof(Elf64_Sym);
  writeBytes(os, symtab);
  writeBytes(os, makeSection(strtabName, SHT_STRTAB, 0, names, strings.size(), 1));
  writeBytes(os, makeSection(stackName, SHT_PROGBITS, 0, names, 0, 1));
}
