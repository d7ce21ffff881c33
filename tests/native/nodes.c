/* Nodes: what leads to them, and which DCs extend to them. */
#include <string.h>
#include "dvk_standin.h"

unsigned long dcs_of_node(driver_t *d, int nodeid)
{
    unsigned long dcs = 0;
    for (int i = 0; i < MAX_DCS; i++) if (d->dc[i].running && d->dc[i].u.dc_nodes & 1UL << nodeid) dcs |= 1UL << i;
    return dcs;
}

void free_node(driver_t *d, int nodeid)
{
    memset(&d->node[nodeid], 0, sizeof(node_usr_t));
    d->node[nodeid].n_nodeid = nodeid;
    d->node[nodeid].n_proxies = -1;
    strcpy(d->node[nodeid].n_name, "NONAME");
}

static int check_dc_node(driver_t *d, const parm_dcnode_t *parm)
{
    int failed = find_dc(d, parm->parm_dcid);
    if (failed) return failed;
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
    return 0;
}

int call_del_node(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_dcnode_t, parm)
    int failed = check_dc_node(d, &parm);
    if (failed) return failed;
    dc_t *dc = &d->dc[parm.parm_dcid];
    if (!(dc->u.dc_nodes & 1UL << parm.parm_nodeid)) return EDVSDCNODE;
    dc->u.dc_nodes &= ~(1UL << parm.parm_nodeid);
    return 0;
}

/* Any node, also one that is attached, and the local one. What it has sent and received, and its DCs, stay. */
int call_node_up(call_t *c, void *arg)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    TAKE(parm_nodeup_t, parm)
    int failed = take_name(parm.parm_name, name, "name of node_up");
    if (failed) return failed;
    if (!valid_node(d, parm.parm_nodeid)) return EDVSBADNODEID;
    if (!valid_node(d, parm.parm_pxid)) return EDVSPROXYID;
    pair_t *pair = &d->pair[parm.parm_pxid];
    if (pair->stuck) never_return(d);
    if (!pair->bound) return EDVSPROXYFREE;
    node_usr_t *node = &d->node[parm.parm_nodeid];
    node->n_flags = NODE_ATTACHED | (pair->flags & PAIR_SCONN ? NODE_SCONN : 0) | (pair->flags & PAIR_RCONN ? NODE_RCONN : 0);
    node->n_proxies = parm.parm_pxid;
    memcpy(node->n_name, name, NAME_SIZE);
    pair->nodes |= 1UL << parm.parm_nodeid;
    return 0;
}

/* The node shows as not connected then, but stays attached and in its DCs. */
int call_node_down(call_t *c, int nodeid)
{
    driver_t *d = c->d;
    if (!valid_node(d, nodeid)) return EDVSBADNODEID;
    node_usr_t *node = &d->node[nodeid];
    if (nodeid == d->nodeid || !(node->n_flags & NODE_ATTACHED)) return 0;
    node->n_flags = NODE_ATTACHED;
    flush_pair(d, node->n_proxies, nodeid);
    fail_waiting(d, 1UL << nodeid, EDVSNOTCONN);
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
