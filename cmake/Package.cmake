# Debian packages of what is installed: `cpack -G DEB` in the build folder (or the target `package`) writes them to
# packages/. Dependencies are read off the programs by dpkg-shlibdeps.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The yourmt3 authors <yourmt3@localhost>")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program library development python)
if(yourmt3_with_train)
  list(APPEND CPACK_COMPONENTS_ALL training)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "Music recording to MIDI, one track per instrument
 Transcribes recordings to MIDI, one track per instrument, singing and drums
 included, with the YourMT3+ family of networks. A small network is part of
 the package; official checkpoints are read as they are published.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME yourmt3)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION sound)
# M4A and video are read through ffmpeg; sound fonts are played by FluidSynth, which is loaded when wanted.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "ffmpeg, libfluidsynth3")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "yourmt3-train, fluid-soundfont-gm | timgm6mb-soundfont")

set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "Music recording to MIDI, shared library
 The library of yourmt3, for C++ and C.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "libyourmt3-${PROJECT_VERSION_MAJOR}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)

set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "Music recording to MIDI, files for development
 Headers of libyourmt3 and its files for CMake and pkg-config.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libyourmt3-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libyourmt3-${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)

set(CPACK_COMPONENT_PYTHON_DESCRIPTION
    "Music recording to MIDI, module for Python
 The library of yourmt3 for Python 3, by ctypes.")
set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-yourmt3)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3, libyourmt3-${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS "yourmt3")  # It brings the model.
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/cmake/debian/python/prerm")

set(CPACK_COMPONENT_TRAINING_DESCRIPTION
    "Music recording to MIDI, training
 The program behind yourmt3 train and yourmt3 experiment, which needs libtorch.")
set(CPACK_DEBIAN_TRAINING_PACKAGE_NAME yourmt3-train)
set(CPACK_DEBIAN_TRAINING_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_TRAINING_PACKAGE_DEPENDS "yourmt3 (= ${PROJECT_VERSION})")

include(CPack)
