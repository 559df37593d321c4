/* What a compiler plugin exports.
 *
 * A plugin is a dynamic library with the three functions below. Each reads the interface definition at `idl_path` and
 * writes into the folder `output_path`, which is made when it is missing. Nothing is written anywhere else but in caches
 * and temporary folders, and on failure nothing half-written stays.
 *
 * Paths are UTF-8 with their length in bytes; they need no NUL behind them, and contain none.
 *
 * The caller sets `*out_err` to NULL before the call. On success it stays NULL. On failure it is a text of `*out_err_len`
 * bytes, UTF-8, which the plugin has allocated by malloc and the caller gives to free; its NUL is not counted.
 *
 * The functions may be called from any thread, several at once, also for the same output. They change neither the
 * working directory nor the environment of the process.
 */
#ifndef COMPILER_PLUGIN_INTERFACE_H
#define COMPILER_PLUGIN_INTERFACE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The guest: its source, and the library that is built of it and of the implementation. */
void compile_to_guest(const char *idl_path, uint32_t idl_path_length,
                      const char *output_path, uint32_t output_path_length,
                      char **out_err, uint32_t *out_err_len);

/* The package by which a program calls the guest. */
void compile_from_host(const char *idl_path, uint32_t idl_path_length,
                       const char *output_path, uint32_t output_path_length,
                       char **out_err, uint32_t *out_err_len);

/* Protobuf's own code for the messages, where its users look for it: in Go the folder `<idl>pb`, in Python `<idl>_pb2.py`. */
void compile_serialization(const char *idl_path, uint32_t idl_path_length,
                           const char *output_path, uint32_t output_path_length,
                           char **out_err, uint32_t *out_err_len);

#ifdef __cplusplus
}
#endif

#endif
