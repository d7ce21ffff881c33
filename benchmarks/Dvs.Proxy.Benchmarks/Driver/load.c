/* get2rmt and put2lcl of a driver that always has a command ready, or answers each, with next to no work of its own. Preloaded before the stand-in for the
 * driver (tests/native), which keeps all other calls. What it does, and what it has seen, is in a file that the benchmark maps as well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "dvk_abi.h"

enum { HEADERS, BLOCKS, PING };

/* The benchmark knows these places: 32-bit words at 0 to 20, then numbers each in a cache line of its own. */
typedef struct {
    int node, peer, shape, sends, system_call, open;
    _Alignas(64) int64_t fetched;
    _Alignas(64) int64_t delivered;
    _Alignas(64) int64_t wrong;
    _Alignas(64) int token;     /* ping: 1 while it is this node's turn */
} control_t;

#define BLOCK 65536

static control_t *g_control;
static int (*g_next)(int, unsigned long, ...);
static cmd_t g_command;
static char g_block[BLOCK];

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* The number of a command, where both data models have room for it. */
static void *number_of(cmd_t *cmd) { return &cmd->c_msg.m_u; }

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("DVK_LOAD_CONTROL");
    g_next = dlsym(RTLD_NEXT, "ioctl");
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    control_t *c = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(control_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) syscall(SYS_close, fd);
    if (c == MAP_FAILED) return;
    memset(g_block, 'b', BLOCK);
    int blocks = c->shape == BLOCKS;
    g_command.c_cmd = blocks ? CMD_COPYIN_DATA : CMD_SEND_MSG;
    g_command.c_src = 5;
    g_command.c_dst = 3;
    g_command.c_snode = c->node;
    g_command.c_dnode = c->peer;
    g_command.c_pid = 1234;
    g_command.c_timestamp.tv_sec = 1700000000;
    g_command.c_msg.m_source = 5;
    g_command.c_msg.m_type = 1;
    g_command.c_vcopy.v_src = 5;
    g_command.c_vcopy.v_dst = 3;
    g_command.c_vcopy.v_rqtr = 5;
    if (blocks) g_command.c_len = g_command.c_vcopy.v_bytes = BLOCK;
    g_control = c;
}

/* Sleeps while a word has this value. 0, or minus EINTR. */
static int nap(int *word, int value, int64_t end)
{
    int64_t rest = end - now_ms();
    if (rest > 1000000) rest = 1000000;
    struct timespec time = { rest / 1000, rest % 1000 * 1000000 };
    return rest <= 0 || syscall(SYS_futex, word, FUTEX_WAIT, value, &time, NULL, 0) == 0 || errno != EINTR ? 0 : EDVSINTR;
}

static int is_ready(control_t *c)
{
    if (!__atomic_load_n(&c->open, __ATOMIC_ACQUIRE)) return 0;
    return c->shape == PING ? __atomic_exchange_n(&c->token, 0, __ATOMIC_ACQ_REL) : c->sends;
}

static int get2rmt(parm_get2rmt_t *parm)
{
    control_t *c = g_control;
    int64_t end = 0;
    while (!is_ready(c)) {
        if (parm->parm_tout == 0) return EDVSTIMEDOUT;
        int64_t now = now_ms();
        if (!end) end = parm->parm_tout < 0 ? INT64_MAX : now + parm->parm_tout;
        if (now >= end) return EDVSTIMEDOUT;
        int *word = __atomic_load_n(&c->open, __ATOMIC_ACQUIRE) ? &c->token : &c->open;
        if (nap(word, 0, end)) return EDVSINTR;
    }
    int64_t number = c->fetched;
    *parm->parm_cmd = g_command;
    memcpy(number_of(parm->parm_cmd), &number, sizeof(number));
    if (c->shape == BLOCKS) memcpy(parm->parm_pay, g_block, BLOCK);
    __atomic_store_n(&c->fetched, number + 1, __ATOMIC_RELAXED);
    return 0;
}

static int put2lcl(parm_put2lcl_t *parm)
{
    static char taken[BLOCK];
    control_t *c = g_control;
    cmd_t cmd = *parm->parm_cmd;
    int64_t number;
    memcpy(&number, number_of(&cmd), sizeof(number));
    if (number != c->delivered || cmd.c_cmd != g_command.c_cmd || cmd.c_len != g_command.c_len || cmd.c_batch_nr || cmd.c_snode != c->peer) c->wrong++;
    if (cmd.c_len == BLOCK) memcpy(taken, parm->parm_pay, BLOCK);
    __atomic_store_n(&c->delivered, c->delivered + 1, __ATOMIC_RELAXED);
    if (c->shape == PING) {
        __atomic_store_n(&c->token, 1, __ATOMIC_RELEASE);
        syscall(SYS_futex, &c->token, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    return 0;
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *arg = va_arg(list, void *);
    va_end(list);
    if (!g_control || (request != DVK_IOCGGET2RMT && request != DVK_IOCSPUT2LCL)) return g_next(fd, request, arg);
    /* What a call of a real driver costs whatever it does: the way into the kernel and back. */
    if (g_control->system_call) syscall(SYS_getppid);
    int result = request == DVK_IOCGGET2RMT ? get2rmt(arg) : put2lcl(arg);
    if (result >= 0) return result;
    errno = -result;
    return -1;
}
