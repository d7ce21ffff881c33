/* What waits for the sender proxies. */
#include <string.h>
#include "dvk_standin.h"

cmd_t command(driver_t *d, int code, int dcid, int src, int dst, int dnode)
{
    cmd_t cmd;
    memset(&cmd, 0, sizeof(cmd));
    cmd.c_cmd = code;
    cmd.c_dcid = dcid;
    cmd.c_src = src;
    cmd.c_dst = dst;
    cmd.c_snode = d->nodeid;
    cmd.c_dnode = dnode;
    return cmd;
}

int pair_of_node(driver_t *d, int nodeid)
{
    if (nodeid < 0 || nodeid >= d->dvs.d_nr_nodes || !(d->node[nodeid].n_flags & NODE_ATTACHED)) return -1;
    int px = d->node[nodeid].n_proxies;
    return px >= 0 && d->pair[px].bound ? px : -1;
}

/* 0 when commands for the node have somewhere to go. */
int pair_ready(driver_t *d, int nodeid)
{
    int px = pair_of_node(d, nodeid);
    if (px < 0 || !d->pair[px].tid[0]) return EDVSNOPROXY;
    return d->pair[px].flags & PAIR_SCONN ? 0 : EDVSNOTCONN;
}

int queue_command(driver_t *d, const cmd_t *cmd, int owner)
{
    int error = pair_ready(d, cmd->c_dnode);
    if (error) return error;
    int index = d->free_op;
    if (!index) return EDVSNOMEM;
    op_t *op = &d->op[index - 1];
    d->free_op = op->next;
    *op = (op_t){ .cmd = *cmd, .dc = cmd->c_dcid, .owner = owner };
    pair_t *pair = &d->pair[pair_of_node(d, cmd->c_dnode)];
    if (pair->tail) d->op[pair->tail - 1].next = index;
    else pair->head = index;
    pair->tail = index;
    if (owner >= 0) d->dc[cmd->c_dcid].slot[owner].op = index;
    wake(&pair->futex);
    return 0;
}

/* Takes a process's own operation back from the queue, if it is still there. */
void cancel_command(driver_t *d, slot_t *s)
{
    int wanted = s->op;
    s->op = 0;
    if (!wanted) return;
    for (int px = 0; px < MAX_PAIRS; px++) {
        pair_t *pair = &d->pair[px];
        int before = 0;
        for (int index = pair->head; index; before = index, index = d->op[index - 1].next) {
            if (index != wanted) continue;
            if (before) d->op[before - 1].next = d->op[index - 1].next;
            else pair->head = d->op[index - 1].next;
            if (pair->tail == index) pair->tail = before;
            d->op[index - 1].next = d->free_op;
            d->free_op = index;
            return;
        }
    }
}
