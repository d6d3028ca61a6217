#include "runtime/port.h"

#if defined(NET2C_PORT_WINDOWS)
#include <malloc.h>
#include <stdlib.h>
#include <windows.h>

const void *net2c_port_map(const char *path, uint64_t *bytes)
{
  LARGE_INTEGER size;
  HANDLE file, mapping;
  const void *p = NULL;
  wchar_t wide[MAX_PATH]; /* the path is UTF-8 */
  if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, MAX_PATH)) return NULL;
  file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE) return NULL;
  if (GetFileSizeEx(file, &size) && (uint64_t)size.QuadPart <= SIZE_MAX) {
    *bytes = (uint64_t)size.QuadPart;
    if (*bytes == 0) {
      CloseHandle(file);
      return "";
    }
    mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    if (mapping) {
      p = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
      CloseHandle(mapping);
    }
  }
  CloseHandle(file);
  return p;
}

void net2c_port_unmap(const void *p, uint64_t bytes)
{
  if (bytes) UnmapViewOfFile(p);
}

void *net2c_port_allocate(size_t bytes) { return _aligned_malloc(bytes, 64); }
void net2c_port_free(void *p) { _aligned_free(p); }

uint32_t net2c_port_cpus(void)
{
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwNumberOfProcessors < 1 ? 1 : info.dwNumberOfProcessors;
}

void net2c_port_yield(void) { SwitchToThread(); }

struct net2c_port_gate {
  SRWLOCK lock;
  CONDITION_VARIABLE condition;
};

struct net2c_port_gate *net2c_port_gate_new(void)
{
  struct net2c_port_gate *g = (struct net2c_port_gate *)malloc(sizeof *g);
  if (!g) return NULL;
  InitializeSRWLock(&g->lock);
  InitializeConditionVariable(&g->condition);
  return g;
}

void net2c_port_gate_free(struct net2c_port_gate *g) { free(g); }
void net2c_port_lock(struct net2c_port_gate *g) { AcquireSRWLockExclusive(&g->lock); }
void net2c_port_unlock(struct net2c_port_gate *g) { ReleaseSRWLockExclusive(&g->lock); }
void net2c_port_wait(struct net2c_port_gate *g) { SleepConditionVariableSRW(&g->condition, &g->lock, INFINITE, 0); }
void net2c_port_wake(struct net2c_port_gate *g) { WakeAllConditionVariable(&g->condition); }

struct net2c_port_thread {
  HANDLE thread;
  void (*run)(void *);
  void *argument;
};

static DWORD WINAPI net2c_port_enter(void *p)
{
  struct net2c_port_thread *t = (struct net2c_port_thread *)p;
  t->run(t->argument);
  return 0;
}

struct net2c_port_thread *net2c_port_start(void (*run)(void *), void *argument)
{
  struct net2c_port_thread *t = (struct net2c_port_thread *)malloc(sizeof *t);
  if (!t) return NULL;
  t->run = run;
  t->argument = argument;
  t->thread = CreateThread(NULL, 0, net2c_port_enter, t, 0, NULL);
  if (t->thread) return t;
  free(t);
  return NULL;
}

void net2c_port_join(struct net2c_port_thread *t)
{
  WaitForSingleObject(t->thread, INFINITE);
  CloseHandle(t->thread);
  free(t);
}

int net2c_port_cpu(void) { return -1; } /* its scheduler wakes threads on idle CPUs by itself */
int net2c_port_keep_off(struct net2c_port_thread *t, int cpu)
{
  (void)t;
  (void)cpu;
  return 0;
}
int net2c_port_fetch(struct net2c_port_thread *t, int cpu) { return net2c_port_keep_off(t, cpu); }
int net2c_port_is_aside(struct net2c_port_thread *t)
{
  (void)t;
  return 0;
}
#endif
