/* The text of /proc/dvs. */
#include <stdarg.h>
#include <string.h>
#include "dvk_standin.h"

#define COLUMNS "10987654321098765432109876543210"

typedef struct { char *text; size_t used, room; } out_t;

static void put(out_t *o, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    o->used += vsnprintf(o->text + o->used, o->room - o->used, format, list);
    va_end(list);
}

static const char *bitmap(unsigned long bits, char text[33])
{
    for (int i = 0; i < 32; i++) text[31 - i] = bits & 1UL << i ? 'X' : '-';
    text[32] = 0;
    return text;
}

static void view_info(driver_t *d, out_t *o)
{
    put(o, "name=%s\nnodeid=%d\nnr_dcs=%d\nnr_nodes=%d\nnr_procs=%d\nnr_tasks=%d\nnr_sysprocs=%d\nmax_copybuf=%d\nmax_copylen=%d\n"
        "dbglvl=%lX\nversion=%d\nflags=%lX\nsizeof(proc)=%d\n", d->dvs.d_name, d->nodeid, d->dvs.d_nr_dcs, d->dvs.d_nr_nodes, d->dvs.d_nr_procs,
        d->dvs.d_nr_tasks, d->dvs.d_nr_sysprocs, d->dvs.d_max_copybuf, d->dvs.d_max_copylen, d->dvs.d_dbglvl, d->dvs.d_version, d->dvs.d_flags, d->dvs.d_size_proc);
}

static void view_nodes(driver_t *d, out_t *o)
{
    char bits[33];
    put(o, "ID Flags Proxies -pxsent- -pxrcvd- " COLUMNS " Name\n");
    for (int i = 0; i < d->dvs.d_nr_nodes; i++) {
        node_usr_t *n = &d->node[i];
        if (n->n_flags)
            put(o, "%2d %5lX %7d %8lu %8lu %s %-15s\n", i, n->n_flags, n->n_proxies, n->n_pxsent, n->n_pxrcvd, bitmap(dcs_of_node(d, i), bits), n->n_name);
    }
}

static void view_pairs(driver_t *d, out_t *o)
{
    char bits[33];
    put(o, "Proxies Flags Sender Receiver --Proxies_Name- " COLUMNS " \n");
    for (int i = 0; i < MAX_PAIRS; i++) {
        pair_t *p = &d->pair[i];
        if (p->bound) put(o, "%7d %5X %6d %8d %15s %s\n", i, p->flags, p->tid[0] ? p->tid[0] : -1, p->tid[1] ? p->tid[1] : -1, p->name,
                bitmap(p->flags & (PAIR_SCONN | PAIR_RCONN) ? p->nodes : 0, bits));
    }
}

static void view_pair_threads(driver_t *d, out_t *o)
{
    put(o, "ID Type -lpid- -flag- -misc- -pxsent- -pxrcvd- -getf- -sendt -wmig- name\n");
    for (int i = 0; i < MAX_PAIRS; i++) {
        pair_t *p = &d->pair[i];
        char name[NAME_SIZE];
        for (int role = 0; p->bound && role < 2; role++) {
            if (!p->tid[role]) continue;
            process_name(p->pid, name);
            put(o, "%2d %4s %6d %6X %6X %8lu %8lu %6d %6d %6d %-15s\n", i, role ? "recv" : "send", p->tid[role], 0,
                MISC_PROXY | (p->flags & (role ? PAIR_RCONN : PAIR_SCONN) ? MISC_CONNECTED : 0), role ? 0 : p->sent, role ? p->received : 0,
                NONE, NONE, NONE, name);
        }
    }
}

static void view_dc(driver_t *d, int dcid, out_t *o)
{
    char bits[33];
    dc_usr_t *u = &d->dc[dcid].u;
    put(o, "dcid=%d\nflags=%X\nnr_procs=%d\nnr_tasks=%d\nnr_sysprocs=%d\nnr_nodes=%d\ndc_nodes=%lX\ndc_pid=%d\nwarn2proc=%d\nwarnmsg=%d\ndc_name=%s\n"
        "nodes " COLUMNS "\n      %s\n", u->dc_dcid, u->dc_flags, u->dc_nr_procs, u->dc_nr_tasks, u->dc_nr_sysprocs, u->dc_nr_nodes, u->dc_nodes, u->dc_pid,
        u->dc_warn2proc, u->dc_warnmsg, u->dc_name, bitmap(u->dc_nodes, bits));
}

static void view_dc_procs(driver_t *d, int dcid, out_t *o)
{
    put(o, "DC pnr -endp -lpid/vpid- nd flag misc -getf -sndt -wmig -prxy name\n");
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *s = &d->dc[dcid].slot[i];
        if (s->used)
            put(o, "%2d %3d %5d %5d/%-5d %2d %4lX %4lX %5d %5d %5d %5d %-15s\n", dcid, s->u.p_nr, s->u.p_endpoint, s->u.p_lpid, s->u.p_vpid,
                s->u.p_nodeid, s->u.p_rts_flags, s->u.p_misc_flags, s->u.p_getfrom, s->u.p_sendto, s->u.p_waitmigr, s->u.p_proxy, s->u.p_name);
    }
}

int view_text(driver_t *d, const char *name, char *text, size_t room)
{
    out_t o = { text, 0, room };
    int dcid, end = 0;
    if (!d->initialised) return -1;
    if (!strcmp(name, "info")) view_info(d, &o);
    else if (!strcmp(name, "nodes")) view_nodes(d, &o);
    else if (!strcmp(name, "proxies/info")) view_pairs(d, &o);
    else if (!strcmp(name, "proxies/procs")) view_pair_threads(d, &o);
    else if (sscanf(name, "DC%d/%n", &dcid, &end) == 1 && end && dcid >= 0 && dcid < MAX_DCS && d->dc[dcid].running) {
        if (!strcmp(name + end, "info")) view_dc(d, dcid, &o);
        else if (!strcmp(name + end, "procs")) view_dc_procs(d, dcid, &o);
        else return -1;
    } else return -1;
    return (int)o.used;
}
