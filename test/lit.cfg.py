# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Configuration of the test suite: lit with FileCheck, mlir-opt and mlir-runner of LLVM 22.
import os
import shutil
import subprocess
import lit.formats

config.name = "Condense"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".py"]
config.excludes = ["Inputs", "Unit", "CMakeLists.txt", "lit.cfg.py", "lit.site.cfg.py", "lit.local.cfg"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.condense_obj_root, "test")

bin_dir = os.path.join(config.condense_obj_root, "bin")
config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_tools_dir, config.environment.get("PATH", os.environ["PATH"])])

lib = config.llvm_lib_dir
config.substitutions.append(("%plugin", os.path.join(config.condense_obj_root, "lib", "libCondensePlugin.so")))
config.substitutions.append(("%runner_libs", ",".join(
    os.path.join(lib, name) for name in ("libmlir_runner_utils.so", "libmlir_c_runner_utils.so"))))
config.substitutions.append(("%bin", bin_dir))
config.substitutions.append(("%src_root", config.condense_src_root))
config.substitutions.append(("%unittests", os.path.join(config.condense_obj_root, "unittests")))
config.substitutions.append(("%clang", config.clang))

# Real models and data, where they are present; their tests are otherwise shown as unsupported.
material = os.environ.get("CONDENSE_MATERIAL", os.path.join(config.condense_src_root, "..", "shared", "material"))
if os.path.isdir(material):
    config.available_features.add("material")
    config.substitutions.append(("%material", os.path.abspath(material)))
# Where file systems can be mounted, a small one tells what happens when it is full.
if subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("mount")
if subprocess.run(["python3", "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("numpy")
# Programs for CPUs that lack something.
if shutil.which("qemu-x86_64"):
    config.available_features.add("x86-emulator")
jax_python = os.environ.get("CONDENSE_JAX_PYTHON", "python3")
if subprocess.run([jax_python, "-c", "import jax, onnx"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("jax")
    config.substitutions.append(("%jax_python", jax_python))
if subprocess.run(["python3", "-c", "import onnx"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("python-onnx")

# ONNX models of the tests are text, encoded with the schema that protobuf's and ONNX's packages install.
protoc = shutil.which("protoc")
schema = os.path.join(os.path.dirname(os.path.dirname(protoc or "")), "include", "onnx")
if protoc and os.path.exists(os.path.join(schema, "onnx.proto")):
    config.available_features.add("protoc")
    config.substitutions.append(
        ("%onnx_encode", protoc + " --encode=onnx.ModelProto --proto_path=" + schema + " onnx.proto"))
