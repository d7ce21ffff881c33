/* The operator's calls about the DVS and its DCs. */
#include <stddef.h>
#include <string.h>
#include "dvk_standin.h"

static int is_within(int value, int lowest, int highest) { return value >= lowest && value <= highest; }

static int check_limits(const dvs_usr_t *dvs)
{
    if (!is_within(dvs->d_nr_dcs, 1, MAX_DCS) || !is_within(dvs->d_nr_nodes, 1, MAX_NODES) || !is_within(dvs->d_nr_procs, 1, MAX_PROCS)
        || !is_within(dvs->d_nr_tasks, 1, MAX_TASKS) || !is_within(dvs->d_nr_sysprocs, dvs->d_nr_tasks + 1, MAX_SYSPROCS)
        || dvs->d_nr_sysprocs >= dvs->d_nr_procs + dvs->d_nr_tasks) return EDVSBADRANGE;
    return is_within(dvs->d_max_copybuf, 0, MAX_COPYBUF) && is_within(dvs->d_max_copylen, dvs->d_max_copybuf, MAX_COPYLEN) ? 0 : EDVSBADVALUE;
}

int call_dvs_init(call_t *c, void *arg)
{
    driver_t *d = c->d;
    dvs_usr_t dvs;
    TAKE(parm_dvsinit_t, parm)
    int failed = take(parm.parm_dvs, &dvs, sizeof(dvs), _Alignof(dvs_usr_t), "dvs_usr_t of dvs_init");
    if (failed) return failed;
    if (d->initialised) return EDVSDVSBUSY;
    if (!is_within(parm.parm_nodeid, 0, MAX_NODES - 1)) return EDVSBADNODEID;
    if ((failed = check_limits(&dvs))) return failed;
    if (parm.parm_nodeid >= dvs.d_nr_nodes) return EDVSBADNODEID;
    d->dvs = dvs;
    d->dvs.d_version = DVS_VERSION;
    d->dvs.d_flags = DVS_FLAGS;
    d->nodeid = parm.parm_nodeid;
    d->initialised = 1;
    for (int i = 0; i < MAX_NODES; i++) free_node(d, i);
    for (int i = 0; i < MAX_DCS; i++) {
        memset(&d->dc[i].u, 0, sizeof(dc_usr_t));
        d->dc[i].u.dc_flags = DC_FREE;
        d->dc[i].running = 0;
    }
    node_usr_t *local = &d->node[d->nodeid];
    local->n_flags = NODE_ATTACHED | NODE_SCONN;
    snprintf(local->n_name, NAME_SIZE, "node%d", d->nodeid);
    return 0;
}

/* What is bound is freed, and whoever waits fails. */
void end_dc(driver_t *d, int dcid)
{
    dc_t *dc = &d->dc[dcid];
    for (int i = 0; i < MAX_SLOTS; i++)
        if (dc->slot[i].used && !(dc->slot[i].u.p_rts_flags & RTS_REMOTE)) finish(d, &dc->slot[i], EDVSDCNOTRUN);
    for (int i = 0; i < MAX_SLOTS; i++)
        if (dc->slot[i].used) slot_release(d, dcid, &dc->slot[i]);
    dc->running = 0;
    dc->u.dc_flags = DC_FREE;
    dc->u.dc_nodes = 0;
    wake(&d->bind_futex);
}

/* The processes of this node in a DC; they are asked to end. */
static int count_local(call_t *c, int dcid, int ask)
{
    int count = 0;
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *s = &c->d->dc[dcid].slot[i];
        if (!s->used || s->ending || (s->u.p_rts_flags & RTS_REMOTE && !(s->u.p_misc_flags & MISC_BACKUP))) continue;
        if (ask) terminate(c, s->pid, s->u.p_lpid);
        count++;
    }
    return count;
}

int call_dvs_end(call_t *c)
{
    driver_t *d = c->d;
    int bound = 0;
    for (int i = 0; i < MAX_DCS; i++) if (d->dc[i].running) bound += count_local(c, i, 1);
    for (int px = 0; px < MAX_PAIRS; px++) {
        if (!d->pair[px].bound) continue;
        terminate(c, d->pair[px].pid, d->pair[px].tid[1]);
        bound++;
    }
    if (bound && c->in->strict) never_return(d);
    for (int i = 0; i < MAX_DCS; i++) if (d->dc[i].running) end_dc(d, i);
    for (int px = 0; px < MAX_PAIRS; px++) end_pair(d, px);
    d->initialised = 0;
    d->nodeid = -1;
    wake(&d->bind_futex);
    return 0;
}

/* Before dvs_init the answer is the node id all the same, which is -1 then. */
int call_getdvsinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    dvs_usr_t dvs = d->dvs;
    dvs.d_version = c->in->version;
    dvs.d_size_proc = c->in->slot_size;
    if (c->in->tasks >= 0) dvs.d_nr_tasks = c->in->tasks;
    if (c->in->model32) {
        /* What a driver fills in that was built for 32 bits: the longs are ints. */
        int small[15];
        memcpy(small, &dvs, 44);
        small[11] = (int)dvs.d_dbglvl; small[12] = dvs.d_version; small[13] = (int)dvs.d_flags; small[14] = dvs.d_size_proc;
        int failed = give(arg, small, sizeof(small), 4, "dvs_usr_t of a 32-bit driver");
        return failed ? failed : d->nodeid;
    }
    int failed = give(arg, &dvs, sizeof(dvs), _Alignof(dvs_usr_t), "dvs_usr_t of getdvsinfo");
    return failed ? failed : d->nodeid;
}

static int check_dc(driver_t *d, const dc_usr_t *dc)
{
    if (!is_within(dc->dc_dcid, 0, d->dvs.d_nr_dcs - 1) || !is_within(dc->dc_nr_procs, 1, d->dvs.d_nr_procs)
        || !is_within(dc->dc_nr_tasks, 0, d->dvs.d_nr_tasks) || !is_within(dc->dc_nr_sysprocs, dc->dc_nr_tasks + 1, d->dvs.d_nr_sysprocs)
        || dc->dc_nr_sysprocs >= dc->dc_nr_procs + dc->dc_nr_tasks || !is_within(dc->dc_nr_nodes, 1, d->dvs.d_nr_nodes)) return EDVSBADRANGE;
    if (d->dc[dc->dc_dcid].running) return EDVSRSCBUSY;
    for (int i = 0; i < MAX_DCS; i++)
        if (dc->dc_name[0] && d->dc[i].running && !strcmp(d->dc[i].u.dc_name, dc->dc_name)) return EDVSRSCBUSY;
    return 0;
}

int call_dc_init(call_t *c, void *arg)
{
    driver_t *d = c->d;
    dc_usr_t dc;
    int failed = take_dc(c, arg, &dc);
    if (failed) return failed;
    if (!memchr(dc.dc_name, 0, NAME_SIZE)) { violation("dc_name has no end"); return EDVSINVAL; }
    if ((failed = check_dc(d, &dc))) return failed;
    dc_t *slot = &d->dc[dc.dc_dcid];
    slot->u = dc;
    slot->u.dc_flags = 0;
    slot->u.dc_pid = c->tid;
    slot->u.dc_nodes = 1UL << d->nodeid;
    slot->running = 1;
    for (int i = 0; i < MAX_SLOTS; i++) slot_clear(d, dc.dc_dcid, &slot->slot[i]);
    return d->nodeid;
}

/* Asks the DC's processes to end, and waits until they have unbound or ended. */
int call_dc_end(call_t *c, int dcid)
{
    driver_t *d = c->d;
    int own = -1, failed = find_dc(d, dcid);
    if (failed) return failed;
    if (slot_of_thread(d, c->tid, c->pid, &own) && own == dcid && !c->in->strict) return EDVSLOCKED;
    count_local(c, dcid, 1);
    d->dc[dcid].ending = c->in->strict;
    while (d->dc[dcid].running && count_local(c, dcid, 0)) {
        if (nap(d, &d->bind_futex, INT64_MAX)) return EDVSINTR;
        reap(c);
    }
    if (d->initialised && d->dc[dcid].running) end_dc(d, dcid);
    return 0;
}

int call_getdcinfo(call_t *c, void *arg)
{
    TAKE(parm_getdcinfo_t, parm)
    if (parm.parm_dcid < 0 || parm.parm_dcid >= c->d->dvs.d_nr_dcs) return EDVSBADDCID;
    const dc_usr_t *dc = &c->d->dc[parm.parm_dcid].u;
    return give_record(c, parm.parm_dc, dc, offsetof(dc_usr_t, dc_cpumask), _Alignof(dc_usr_t), "dc_usr_t of getdcinfo");
}

int call_getprocinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_procinfo_t, parm)
    int failed = find_dc(d, parm.parm_dcid);
    if (failed) return failed;
    slot_t *s = slot_by_number(d, parm.parm_dcid, parm.parm_nr);
    if (!s) return EDVSBADPROC;
    reap(c);
    return give_record(c, parm.parm_proc, &s->u, offsetof(proc_usr_t, p_cpumask), _Alignof(proc_usr_t), "proc_usr_t of getprocinfo");
}
