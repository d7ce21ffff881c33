/* The operator's calls: DVS, DCs, nodes, and the records. */
#include <stddef.h>
#include <string.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

static int valid_node(driver_t *d, int nodeid) { return nodeid >= 0 && nodeid < d->dvs.d_nr_nodes; }

static int valid_dc(driver_t *d, int dcid) { return dcid >= 0 && dcid < d->dvs.d_nr_dcs; }

unsigned long dcs_of_node(driver_t *d, int nodeid)
{
    unsigned long dcs = 0;
    for (int i = 0; i < MAX_DCS; i++) if (d->dc[i].running && d->dc[i].u.dc_nodes & 1UL << nodeid) dcs |= 1UL << i;
    return dcs;
}

static void free_node(driver_t *d, int nodeid)
{
    memset(&d->node[nodeid], 0, sizeof(node_usr_t));
    d->node[nodeid].n_nodeid = nodeid;
    d->node[nodeid].n_proxies = -1;
}

int call_dvs_init(call_t *c, void *arg)
{
    driver_t *d = c->d;
    dvs_usr_t dvs;
    TAKE(parm_dvsinit_t, parm)
    int failed = take(parm.parm_dvs, &dvs, sizeof(dvs), _Alignof(dvs_usr_t), "dvs_usr_t of dvs_init");
    if (failed) return failed;
    if (d->initialised) return EDVSDVSBUSY;
    if (dvs.d_nr_nodes < 1 || dvs.d_nr_nodes > MAX_NODES || dvs.d_nr_dcs < 1 || dvs.d_nr_dcs > MAX_DCS || dvs.d_nr_procs < 1
        || dvs.d_nr_tasks < 0 || dvs.d_nr_tasks >= 300 || dvs.d_nr_procs + dvs.d_nr_tasks > MAX_SLOTS || dvs.d_nr_sysprocs < 0
        || dvs.d_nr_sysprocs > dvs.d_nr_procs + dvs.d_nr_tasks || dvs.d_max_copybuf < 1 || dvs.d_max_copybuf > 65536
        || dvs.d_max_copylen < dvs.d_max_copybuf) return EDVSBADRANGE;
    if (parm.parm_nodeid < 0 || parm.parm_nodeid >= dvs.d_nr_nodes) return EDVSBADNODEID;
    d->dvs = dvs;
    d->nodeid = parm.parm_nodeid;
    d->initialised = 1;
    for (int i = 0; i < MAX_NODES; i++) free_node(d, i);
    for (int i = 0; i < MAX_DCS; i++) { memset(&d->dc[i].u, 0, sizeof(dc_usr_t)); d->dc[i].running = 0; }
    node_usr_t *local = &d->node[d->nodeid];
    local->n_flags = NODE_ATTACHED | NODE_SCONN;
    snprintf(local->n_name, NAME_SIZE, "node%d", d->nodeid);
    return 0;
}

static void end_dc(driver_t *d, int dcid)
{
    dc_t *dc = &d->dc[dcid];
    for (int i = 0; i < MAX_SLOTS; i++)
        if (dc->slot[i].used && !(dc->slot[i].u.p_rts_flags & RTS_REMOTE)) finish(d, &dc->slot[i], EDVSDCNOTRUN);
    for (int i = 0; i < MAX_SLOTS; i++)
        if (dc->slot[i].used) slot_release(d, dcid, &dc->slot[i]);
    dc->running = 0;
    wake(&d->bind_futex);
}

int call_dvs_end(call_t *c)
{
    driver_t *d = c->d;
    for (int i = 0; i < MAX_DCS; i++) if (d->dc[i].running) end_dc(d, i);
    for (int px = 0; px < MAX_PAIRS; px++) {
        if (!d->pair[px].bound) continue;
        d->pair[px].closing = 1;
        d->pair[px].tid[1] = 0;
        end_sender(d, px);
        wake(&d->pair[px].futex);
    }
    d->initialised = 0;
    d->nodeid = -1;
    return 0;
}

int call_getdvsinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    if (!d->initialised && c->in->version == DVS_VERSION) return EDVSDVSINIT;
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
        return failed ? failed : d->initialised ? d->nodeid : 0;
    }
    int failed = give(arg, &dvs, sizeof(dvs), _Alignof(dvs_usr_t), "dvs_usr_t of getdvsinfo");
    return failed ? failed : d->initialised ? d->nodeid : 0;
}

int call_dc_init(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(dc_usr_t, dc)
    if (!valid_dc(d, dc.dc_dcid)) return EDVSBADDCID;
    if (d->dc[dc.dc_dcid].running) return EDVSDCRUN;
    if (!memchr(dc.dc_name, 0, NAME_SIZE)) { violation("dc_name has no end"); return EDVSINVAL; }
    if (!dc.dc_name[0]) snprintf(dc.dc_name, NAME_SIZE, "DC%d", dc.dc_dcid);
    if (dc.dc_nr_procs < 1 || dc.dc_nr_procs > d->dvs.d_nr_procs || dc.dc_nr_tasks < 0 || dc.dc_nr_tasks > d->dvs.d_nr_tasks
        || dc.dc_nr_sysprocs < 0 || dc.dc_nr_sysprocs > d->dvs.d_nr_sysprocs || dc.dc_nr_nodes < 1 || dc.dc_nr_nodes > d->dvs.d_nr_nodes)
        return EDVSBADRANGE;
    dc_t *slot = &d->dc[dc.dc_dcid];
    slot->u = dc;
    slot->u.dc_flags = 0;
    slot->u.dc_pid = c->pid;
    slot->u.dc_nodes = 1UL << d->nodeid;
    slot->running = 1;
    for (int i = 0; i < MAX_SLOTS; i++) slot_clear(d, dc.dc_dcid, &slot->slot[i]);
    return 0;
}

int call_dc_end(call_t *c, int dcid)
{
    if (!valid_dc(c->d, dcid)) return EDVSBADDCID;
    if (!c->d->dc[dcid].running) return EDVSDCNOTRUN;
    end_dc(c->d, dcid);
    return 0;
}

int call_getdcinfo(call_t *c, void *arg)
{
    TAKE(parm_getdcinfo_t, parm)
    if (!valid_dc(c->d, parm.parm_dcid)) return EDVSBADDCID;
    if (!c->d->dc[parm.parm_dcid].running) return EDVSDCNOTRUN;
    return give(parm.parm_dc, &c->d->dc[parm.parm_dcid].u, sizeof(dc_usr_t), _Alignof(dc_usr_t), "dc_usr_t of getdcinfo");
}

static int check_dc_node(driver_t *d, const parm_dcnode_t *parm)
{
    if (!valid_dc(d, parm->parm_dcid)) return EDVSBADDCID;
    if (!d->dc[parm->parm_dcid].running) return EDVSDCNOTRUN;
    return !valid_node(d, parm->parm_nodeid) || parm->parm_nodeid == d->nodeid ? EDVSBADNODEID : 0;
}

int call_add_node(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_dcnode_t, parm)
    int failed = check_dc_node(d, &parm);
    if (failed) return failed;
    dc_usr_t *dc = &d->dc[parm.parm_dcid].u;
    if (!(d->node[parm.parm_nodeid].n_flags & NODE_ATTACHED)) return EDVSNODEFREE;
    if (dc->dc_nodes & 1UL << parm.parm_nodeid) return EDVSDCNODE;
    if (__builtin_popcountl(dc->dc_nodes) >= dc->dc_nr_nodes) return EDVSRSCBUSY;
    dc->dc_nodes |= 1UL << parm.parm_nodeid;
    wake(&d->bind_futex);
    return 0;
}

int call_del_node(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_dcnode_t, parm)
    int failed = check_dc_node(d, &parm);
    if (failed) return failed;
    dc_t *dc = &d->dc[parm.parm_dcid];
    if (!(dc->u.dc_nodes & 1UL << parm.parm_nodeid)) return EDVSNODCNODE;
    dc->u.dc_nodes &= ~(1UL << parm.parm_nodeid);
    return 0;
}

int call_node_up(call_t *c, void *arg)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    TAKE(parm_nodeup_t, parm)
    int failed = take_name(parm.parm_name, name, "name of node_up");
    if (failed) return failed;
    if (!valid_node(d, parm.parm_nodeid) || parm.parm_nodeid == d->nodeid) return EDVSBADNODEID;
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSPROXYID;
    if (!d->pair[parm.parm_pxid].bound) return EDVSNOPROXY;
    node_usr_t *node = &d->node[parm.parm_nodeid];
    if (node->n_flags & NODE_ATTACHED) return EDVSNODEBUSY;
    free_node(d, parm.parm_nodeid);
    pair_t *pair = &d->pair[parm.parm_pxid];
    node->n_flags = NODE_ATTACHED | (pair->flags & PAIR_SCONN ? NODE_SCONN : 0) | (pair->flags & PAIR_RCONN ? NODE_RCONN : 0);
    node->n_proxies = parm.parm_pxid;
    memcpy(node->n_name, name, NAME_SIZE);
    pair->nodes |= 1UL << parm.parm_nodeid;
    return 0;
}

int call_node_down(call_t *c, int nodeid)
{
    driver_t *d = c->d;
    if (!valid_node(d, nodeid) || nodeid == d->nodeid) return EDVSBADNODEID;
    if (!(d->node[nodeid].n_flags & NODE_ATTACHED)) return EDVSNODEFREE;
    node_take_down(d, nodeid);
    return 0;
}

int call_getnodeinfo(call_t *c, void *arg)
{
    TAKE(parm_getnodeinfo_t, parm)
    if (!valid_node(c->d, parm.parm_nodeid)) return EDVSBADNODEID;
    reap(c);
    node_usr_t node = c->d->node[parm.parm_nodeid];
    node.n_dcs = dcs_of_node(c->d, parm.parm_nodeid);
    return give(parm.parm_node, &node, sizeof(node_usr_t), _Alignof(node_usr_t), "node_usr_t of getnodeinfo");
}

int call_getprocinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_procinfo_t, parm)
    if (!valid_dc(d, parm.parm_dcid)) return EDVSBADDCID;
    if (!d->dc[parm.parm_dcid].running) return EDVSDCNOTRUN;
    slot_t *s = slot_by_number(d, parm.parm_dcid, parm.parm_nr);
    if (!s) return EDVSBADPROC;
    return give(parm.parm_proc, &s->u, sizeof(proc_usr_t), _Alignof(proc_usr_t), "proc_usr_t of getprocinfo");
}
