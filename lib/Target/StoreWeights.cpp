// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gives the memory that a linked library reserves for weights its contents: appends the bytes to the file and points
// the segment there. The linker lays out the segment and never sees the bytes, so they are written once.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace condense;
using namespace condense::target;
using Elf = llvm::object::ELF64LEFile;

namespace {

/// The headers that tell where the bytes are, and their places in the file.
struct Place {
  Elf::Elf_Phdr segment;
  Elf::Elf_Shdr section;
  uint64_t segmentOffset, sectionOffset;
};

} // namespace

static llvm::Error layoutError() {
  return llvm::createStringError(std::string("the linker gave the section ") + storedSection.str() +
                                 " no segment of its own; use lld of LLVM 22 or newer");
}

/// Nothing if the section was not kept: no code reads the weights.
static llvm::Expected<std::optional<Place>> findPlace(llvm::StringRef bytes) {
  llvm::Expected<Elf> elf = Elf::create(bytes);
  if (!elf)
    return elf.takeError();
  auto sections = elf->sections();
  if (!sections)
    return sections.takeError();
  auto segments = elf->program_headers();
  if (!segments)
    return segments.takeError();
  auto offsetOf = [&](const auto &header) { return reinterpret_cast<const char *>(&header) - bytes.data(); };
  for (const Elf::Elf_Shdr &section : *sections) {
    llvm::Expected<llvm::StringRef> name = elf->getSectionName(section);
    if (!name)
      return name.takeError();
    if (*name != storedSection)
      continue;
    for (const Elf::Elf_Phdr &segment : *segments)
      if (segment.p_type == llvm::ELF::PT_LOAD && segment.p_vaddr == section.sh_addr && segment.p_filesz == 0 &&
          segment.p_memsz == section.sh_size && !(segment.p_flags & llvm::ELF::PF_W))
        return Place{segment, section, static_cast<uint64_t>(offsetOf(segment)),
                     static_cast<uint64_t>(offsetOf(section))};
    return layoutError();
  }
  return std::nullopt;
}

template <typename T> static void overwrite(llvm::raw_fd_ostream &os, const T &header, uint64_t offset) {
  os.pwrite(reinterpret_cast<const char *>(&header), sizeof(T), offset);
}

static llvm::Error append(WeightBlob &weights, Place &place, uint64_t fileBytes, llvm::StringRef path) {
  int descriptor = -1;
  std::error_code code =
      llvm::sys::fs::openFileForReadWrite(path, descriptor, llvm::sys::fs::CD_OpenExisting, llvm::sys::fs::OF_None);
  if (code)
    return llvm::createStringError("cannot write '" + path + "': " + code.message());
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  uint64_t begin = llvm::alignTo(fileBytes, place.segment.p_align);
  place.segment.p_offset = begin;
  place.section.sh_offset = begin;
  place.segment.p_filesz = place.segment.p_memsz;
  place.section.sh_type = llvm::ELF::SHT_PROGBITS;
  overwrite(os, place.segment, place.segmentOffset);
  overwrite(os, place.section, place.sectionOffset);
  os.seek(begin);
  writeStoredBytes(weights, os);
  os.close();
  code = os.error();
  os.clear_error();
  return code ? llvm::createStringError("cannot write '" + path + "': " + code.message()) : llvm::Error::success();
}

llvm::Error condense::target::storeWeights(WeightBlob &weights, llvm::StringRef path) {
  if (!getStoredBytes(weights))
    return llvm::Error::success();
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::createStringError("cannot read '" + path + "': " + file.getError().message());
  llvm::Expected<std::optional<Place>> place = findPlace((*file)->getBuffer());
  if (!place)
    return place.takeError();
  uint64_t fileBytes = (*file)->getBufferSize();
  file->reset();
  return *place ? append(weights, **place, fileBytes, path) : llvm::Error::success();
}
