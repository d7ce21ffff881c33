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
    return px >= 0 && d->pair[px].tid[0] ? px : -1;
}

/* The connected pair that leads to a node of the DC, or why there is none. */
int route(driver_t *d, int dcid, int nodeid)
{
    if (!(d->dc[dcid].u.dc_nodes & 1UL << nodeid)) return EDVSNODCNODE;
    int px = pair_of_node(d, nodeid);
    if (px < 0) return EDVSNOPROXY;
    return d->pair[px].flags & PAIR_SCONN ? px : EDVSNOTCONN;
}

static int append(driver_t *d, int px, const cmd_t *cmd, int owner)
{
    int index = d->free_op;
    if (!index) return 0;
    op_t *op = &d->op[index - 1];
    d->free_op = op->next;
    *op = (op_t){ .cmd = *cmd, .dc = cmd->c_dcid, .owner = owner };
    pair_t *pair = &d->pair[px];
    if (pair->tail) d->op[pair->tail - 1].next = index;
    else pair->head = index;
    pair->tail = index;
    wake(&pair->futex);
    return index;
}

/* The process's own request, which stands in its slot. */
int queue_request(driver_t *d, int dcid, slot_t *owner)
{
    owner->request.c_pid = owner->u.p_lpid;
    int px = pair_of_node(d, owner->request.c_dnode);
    owner->u.p_rts_flags |= RTS_RMTOP;
    owner->u.p_proxy = px;
    owner->remote = 1;
    owner->op = append(d, px, &owner->request, link_of(d, dcid, owner) - 1);
    return owner->op ? 0 : EDVSNOMEM;
}

int queue_answer(driver_t *d, const cmd_t *cmd, int only_if_connected)
{
    int px = pair_of_node(d, cmd->c_dnode);
    if (px < 0 || (only_if_connected && !(d->pair[px].flags & PAIR_SCONN))) return EDVSNOPROXY;
    return append(d, px, cmd, -1) ? 0 : EDVSNOMEM;
}

/* Back to the source of the request, with its copy descriptor. */
int answer(driver_t *d, const cmd_t *request, int code, int result, int only_if_connected)
{
    cmd_t cmd = command(d, code, request->c_dcid, request->c_dst, request->c_src, request->c_snode);
    cmd.c_rcode = result;
    cmd.c_vcopy = request->c_vcopy;
    return queue_answer(d, &cmd, only_if_connected);
}

int answer_send(driver_t *d, int dcid, slot_t *remote, int by, int result)
{
    cmd_t cmd = command(d, CMD_SEND_ACK, dcid, by, remote->u.p_endpoint, remote->u.p_nodeid);
    cmd.c_rcode = result;
    return queue_answer(d, &cmd, 0);
}

static void drop(driver_t *d, pair_t *pair, int index, int before)
{
    op_t *op = &d->op[index - 1];
    if (before) d->op[before - 1].next = op->next;
    else pair->head = op->next;
    if (pair->tail == index) pair->tail = before;
    op->next = d->free_op;
    d->free_op = index;
}

/* Takes a process's own operation back, if it is still queued. */
void take_back(driver_t *d, slot_t *s)
{
    int wanted = s->op;
    s->op = 0;
    s->u.p_proxy = NONE;
    for (int px = 0; wanted && px < MAX_PAIRS; px++) {
        int before = 0;
        for (int index = d->pair[px].head; index; before = index, index = d->op[index - 1].next)
            if (index == wanted) { drop(d, &d->pair[px], index, before); return; }
    }
}

/* Drops what is queued for one node, or with -1 for all; the processes that wait for it fail. */
void flush_pair(driver_t *d, int px, int nodeid)
{
    pair_t *pair = &d->pair[px];
    int before = 0, index = pair->head;
    while (index) {
        op_t op = d->op[index - 1];
        if (nodeid >= 0 && op.cmd.c_dnode != nodeid) { before = index; index = op.next; continue; }
        drop(d, pair, index, before);
        index = op.next;
        if (op.owner < 0) continue;
        slot_t *owner = &d->dc[op.dc].slot[op.owner];
        owner->op = 0;
        finish(d, owner, EDVSNOTCONN);
    }
}
