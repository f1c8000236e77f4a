/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into gpg: whoever opens /dev/random gets /dev/urandom.
 *
 * %prep of the kernel makes the key that signs the modules, and EL6's gpg takes it from /dev/random. Before Linux 5.6 that
 * waits for fresh entropy, in a container on an idle machine for hours; rngd, which people run against it, needs the right to
 * feed the machine's pool. The key signs the modules of one build and is gone with the container.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>

typedef int (*opener)(const char *, int, ...);

static int open_as(const char *real, const char *path, int flags, mode_t mode)
{
  opener next = (opener)dlsym(RTLD_NEXT, real);
  if (path && strcmp(path, "/dev/random") == 0) path = "/dev/urandom";
  return next(path, flags, mode);
}

#define OPEN(name)                                   \
  int name(const char *path, int flags, ...)         \
  {                                                  \
    mode_t mode = 0;                                 \
    if (flags & O_CREAT) {                           \
      va_list rest;                                  \
      va_start(rest, flags);                         \
      mode = va_arg(rest, mode_t);                   \
      va_end(rest);                                  \
    }                                                \
    return open_as(#name, path, flags, mode);        \
  }

OPEN(open)
OPEN(open64)
