/* The text of /proc/dvs. */
#include <stdarg.h>
#include <string.h>
#include "dvk_standin.h"

#define COLUMNS "10987654321098765432109876543210"

void put(out_t *o, const char *format, ...)
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

/* The last four are the sizes of the module's own structures. */
static void view_info(call_t *c, out_t *o)
{
    const dvs_usr_t *dvs = &c->d->dvs;
    put(o, "name=%s\nnodeid=%d\nnr_dcs=%d\nnr_nodes=%d\nmax_nr_procs=%d\nmax_nr_tasks=%d\nmax_sys_procs=%d\nmax_copy_buf=%d\nmax_copy_len=%d\n"
        "dbglvl=%lX\nversion=%d\nflags=%lX\nsizeof(proc)=704\nsizeof(proc) aligned=%d\nsizeof(dc)=280\nsizeof(node)=152\n", dvs->d_name, c->d->nodeid,
        dvs->d_nr_dcs, dvs->d_nr_nodes, dvs->d_nr_procs, dvs->d_nr_tasks, dvs->d_nr_sysprocs, dvs->d_max_copybuf, dvs->d_max_copylen, dvs->d_dbglvl,
        dvs->d_version, dvs->d_flags, c->in->slot_size);
}

static void view_nodes(driver_t *d, out_t *o)
{
    char bits[33];
    put(o, "ID Flags Proxies -pxsent- -pxrcvd- " COLUMNS " Name\n");
    for (int i = 0; i < d->dvs.d_nr_nodes; i++) {
        node_usr_t *n = &d->node[i];
        if (n->n_flags)
            put(o, "%2d %5lX %7d %8lu %8lu %s %-16.16s\n", i, n->n_flags, n->n_proxies, n->n_pxsent, n->n_pxrcvd, bitmap(dcs_of_node(d, i), bits), n->n_name);
    }
}

static void view_pairs(driver_t *d, out_t *o)
{
    char bits[33];
    put(o, "Proxies Flags Sender Receiver --Proxies_Name- " COLUMNS " \n");
    for (int i = 0; i < MAX_PAIRS; i++) {
        pair_t *p = &d->pair[i];
        if (p->bound) put(o, "%7d %5X %6d %8d %15s %s\n", i, p->flags, p->tid[0] ? p->tid[0] : -1, p->tid[1] ? p->tid[1] : -1, p->name, bitmap(p->nodes, bits));
    }
}

static void view_pair_threads(driver_t *d, out_t *o)
{
    put(o, "ID Type -lpid- -flag- -misc- -pxsent- -pxrcvd- -getf- -sendt -wmig- name\n");
    for (int i = 0; i < MAX_PAIRS; i++) {
        pair_t *p = &d->pair[i];
        for (int role = 0; p->bound && role < 2; role++)
            put(o, "%2d %4s %6d %6X %6X %8lu %8lu %6d %6d %6d %-15s\n", i, role ? "recv" : "send", p->tid[role] ? p->tid[role] : -1, 0,
                MISC_PROXY | (p->flags & (role ? PAIR_RCONN : PAIR_SCONN) ? MISC_CONNECTED : 0), role ? 0 : p->sent, role ? p->received : 0,
                !role && p->slept ? ANY : NONE, NONE, NONE, p->thread_name[role]);
    }
}

/* The CPUs are those of the machine that the module was watched on. */
static void view_dc(driver_t *d, int dcid, out_t *o)
{
    char bits[33];
    dc_usr_t *u = &d->dc[dcid].u;
    put(o, "dcid=%d\nflags=%X\nnr_procs=%d\nnr_tasks=%d\nnr_sysprocs=%d\nnr_nodes=%d\ndc_nodes=%lX\ndc_pid=%d\nwarn2proc=%d\nwarnmsg=%d\ndc_name=%s\n"
        "nodes 33222222222211111111110000000000\n      " COLUMNS "\n      %s\ncpumask=3 \n", u->dc_dcid, u->dc_flags, u->dc_nr_procs, u->dc_nr_tasks,
        u->dc_nr_sysprocs, u->dc_nr_nodes, u->dc_nodes, u->dc_pid, u->dc_warn2proc, u->dc_warnmsg, u->dc_name, bitmap(u->dc_nodes, bits));
}

/* What all lines about processes begin with; a remote one has no thread, and that shows as a large number. */
static void put_process(out_t *o, int dcid, const slot_t *s)
{
    put(o, "%2d %3d %5d %5u/%-5u %2d ", dcid, s->u.p_nr, s->u.p_endpoint, (unsigned)s->u.p_lpid, (unsigned)s->u.p_vpid, s->u.p_nodeid);
}

static void view_dc_procs(driver_t *d, int dcid, out_t *o)
{
    put(o, "DC pnr -endp -lpid/vpid- nd flag misc -getf -sndt -wmig -prxy name\n");
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *s = &d->dc[dcid].slot[i];
        if (!s->used) continue;
        put_process(o, dcid, s);
        put(o, "%4lX %4lX %5d %5d %5d %5d %-15s\n", s->u.p_rts_flags, s->u.p_misc_flags, s->u.p_getfrom, s->u.p_sendto, s->u.p_waitmigr, s->u.p_proxy, s->u.p_name);
    }
}

static void view_dc_stats(driver_t *d, int dcid, out_t *o)
{
    put(o, "DC pnr -endp -lpid/vpid- nd --lsnt-- --rsnt-- -lcopy-- -rcopy-- name\n");
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *s = &d->dc[dcid].slot[i];
        if (!s->used) continue;
        put_process(o, dcid, s);
        put(o, "%8lu %8lu %8lu %8lu %-15.15s\n", s->u.p_lclsent, s->u.p_rmtsent, s->u.p_lclcopy, s->u.p_rmtcopy, s->u.p_name);
    }
}

static int view_of_dc(driver_t *d, int dcid, const char *name, out_t *o)
{
    if (!strcmp(name, "info")) view_dc(d, dcid, o);
    else if (!strcmp(name, "procs")) view_dc_procs(d, dcid, o);
    else if (!strcmp(name, "stats")) view_dc_stats(d, dcid, o);
    else return view_privileges(d, name, dcid, o);
    return 0;
}

static int view_of_pairs(call_t *c, const char *name, out_t *o)
{
    for (int i = 0; i < MAX_PAIRS; i++) if (c->d->pair[i].stuck) never_return(c->d);
    if (!strcmp(name, "info")) view_pairs(c->d, o);
    else if (!strcmp(name, "procs")) view_pair_threads(c->d, o);
    else return view_privileges(c->d, name, -1, o);
    return 0;
}

/* The length of a view, or -1 where there is none of that name. */
int view_text(call_t *c, const char *name, char *text, size_t room)
{
    driver_t *d = c->d;
    out_t o = { text, 0, room };
    int dcid, end = 0, failed = 0;
    if (!d->initialised) return -1;
    reap(c);
    if (!strcmp(name, "info")) view_info(c, &o);
    else if (!strcmp(name, "nodes")) view_nodes(d, &o);
    else if (!strncmp(name, "proxies/", 8)) failed = view_of_pairs(c, name + 8, &o);
    else if (sscanf(name, "DC%d/%n", &dcid, &end) == 1 && end && dcid >= 0 && dcid < MAX_DCS && d->dc[dcid].running)
        failed = view_of_dc(d, dcid, name + end, &o);
    else failed = -1;
    return failed ? failed : (int)o.used;
}
