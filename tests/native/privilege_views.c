/* ipcto and dvkcalls: to whom processes and proxies may send, and what they may call. */
#include <string.h>
#include "dvk_standin.h"

#define IPC_COLUMNS "3210987654321098765432109876543210987654321098765432109876543210"
#define IPC_BITS 64
#define CALL_BITS 48
#define CALL_COLUMNS (IPC_COLUMNS + IPC_BITS - CALL_BITS)

static const char *bits_text(uint64_t bits, int count, char text[IPC_BITS + 1])
{
    for (int i = 0; i < count; i++) text[count - 1 - i] = bits & 1ULL << i ? 'X' : '-';
    text[count] = 0;
    return text;
}

/* A process may send to everybody; a proxy is no process, and sends to nobody. */
static void put_pairs(driver_t *d, int is_ipc, out_t *o)
{
    char text[IPC_BITS + 1];
    for (int px = 0; px < MAX_PAIRS; px++)
        for (int role = 0; d->pair[px].bound && role < 2; role++)
            put(o, "%2d %4s %s\n", px, role ? "recv" : "send", is_ipc ? bits_text(0, IPC_BITS, text) : bits_text(calls_of_proxy(role), CALL_BITS, text));
}

static void put_processes(driver_t *d, int dcid, int is_ipc, out_t *o)
{
    char text[IPC_BITS + 1];
    for (int i = 0; i < MAX_SLOTS; i++) {
        const slot_t *s = &d->dc[dcid].slot[i];
        if (!s->used) continue;
        int id = is_system(d, dcid, s) ? i : d->dc[dcid].u.dc_nr_sysprocs;
        put(o, "%3d %2d %5d %2d %s\n", s->u.p_nr, id, NONE, 0,
            is_ipc ? bits_text(~0ULL, IPC_BITS, text) : bits_text(calls_of(d, dcid, s), CALL_BITS, text));
    }
}

/* dcid is -1 for the proxies. */
int view_privileges(driver_t *d, const char *name, int dcid, out_t *o)
{
    int is_ipc = !strcmp(name, "ipcto");
    if (!is_ipc && strcmp(name, "dvkcalls")) return -1;
    put(o, "%s %s\n", dcid < 0 ? "ID Type" : "-nr id --wr- lv", is_ipc ? IPC_COLUMNS : CALL_COLUMNS);
    if (dcid < 0) put_pairs(d, is_ipc, o);
    else put_processes(d, dcid, is_ipc, o);
    return 0;
}
