/* get2rmt: what was queued goes to the sender proxy. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

static int carries_block(const cmd_t *cmd)
{
    return cmd->c_cmd == CMD_COPYIN_DATA || cmd->c_cmd == CMD_COPYIN_RQST || (cmd->c_cmd == CMD_COPYOUT_DATA && cmd->c_rcode == 0);
}

/* The block comes from the source's memory at the moment of the hand-out. */
static int fetch_block(driver_t *d, cmd_t *cmd, char *payload)
{
    slot_t *source = slot_by_endpoint(d, cmd->c_dcid, cmd->c_vcopy.v_src);
    int bytes = cmd->c_vcopy.v_bytes;
    if (!source || !source->used || source->u.p_endpoint != cmd->c_vcopy.v_src) return EDVSFAULT;
    if (cmd->c_cmd != CMD_COPYIN_DATA) source->u.p_rts_flags &= ~(unsigned long)RTS_ONCOPY;
    cmd->c_len = bytes;
    if (!bytes) return 0;
    int failed = read_memory(source->pid, cmd->c_vcopy.v_saddr, d->scratch, bytes);
    return failed ? failed : write_memory(getpid(), payload, d->scratch, bytes);
}

/* A request can have outlived what it was made for; an answer goes to the node it came from. */
static int check_request(driver_t *d, const cmd_t *cmd)
{
    if (!d->dc[cmd->c_dcid].running) return EDVSDCNOTRUN;
    if (!(d->dc[cmd->c_dcid].u.dc_nodes & 1UL << cmd->c_dnode)) return EDVSNODCNODE;
    slot_t *to = slot_by_endpoint(d, cmd->c_dcid, cmd->c_dst);
    if (!to || !to->used) return EDVSNOTBIND;
    return to->u.p_endpoint == cmd->c_dst && to->u.p_nodeid == cmd->c_dnode ? 0 : EDVSNONODE;
}

/* The operation cannot go: whoever waits for it hears so. */
static void fail_back(driver_t *d, const op_t *op, slot_t *owner, int error)
{
    cmd_t cmd = op->cmd;
    if (owner) { finish(d, owner, error); return; }
    cmd.c_rcode = error;
    cmd.c_len = 0;
    if (cmd.c_cmd == CMD_COPYOUT_DATA) queue_answer(d, &cmd, 0);
    if (cmd.c_cmd != CMD_COPYIN_RQST) return;
    slot_t *rqtr = slot_by_endpoint(d, cmd.c_dcid, cmd.c_vcopy.v_rqtr);
    if (!rqtr || !rqtr->used || !(rqtr->u.p_rts_flags & RTS_REMOTE)) return;
    cmd.c_cmd = CMD_COPYRMT_ACK;
    cmd.c_dst = rqtr->u.p_endpoint;
    cmd.c_dnode = rqtr->u.p_nodeid;
    queue_answer(d, &cmd, 1);
}

/* 0 handed out, an error of this one operation, or 1: look for the next. */
static int take_operation(driver_t *d, pair_t *pair, const parm_get2rmt_t *parm)
{
    int index = pair->head;
    op_t op = d->op[index - 1];
    pair->head = op.next;
    if (!pair->head) pair->tail = 0;
    d->op[index - 1].next = d->free_op;
    d->free_op = index;
    slot_t *owner = op.owner >= 0 ? &d->dc[op.dc].slot[op.owner] : NULL;
    if (owner) owner->op = 0;
    int failed = owner ? check_request(d, &op.cmd) : 0;
    if (failed) { fail_back(d, &op, owner, failed); return failed; }
    if (carries_block(&op.cmd) && (failed = fetch_block(d, &op.cmd, parm->parm_pay))) { fail_back(d, &op, owner, failed); return 1; }
    op.cmd.c_flags = op.cmd.c_snd_seq = op.cmd.c_ack_seq = 0;
    op.cmd.c_batch_nr = 0;
    clock_gettime(CLOCK_REALTIME, &op.cmd.c_timestamp);
    node_usr_t *node = &d->node[op.cmd.c_dnode];
    node->n_pxsent++;
    node->n_stimestamp = op.cmd.c_timestamp;
    pair->sent++;
    if (owner && owner->wait != W_COPY) owner->u.p_rmtsent++;
    failed = give(parm->parm_cmd, &op.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of get2rmt");
    if (owner && owner->wait == W_NOTIFY) finish(d, owner, 0);
    else if (owner && owner->wait == W_SENDREC) owner->u.p_rts_flags &= ~(unsigned long)RTS_SENDING;
    return failed;
}

/* A sender whose pair was unbound from outside. */
static int was_unbound(driver_t *d, pid_t tid)
{
    for (int px = 0; px < MAX_PAIRS; px++) if (d->pair[px].closing && d->pair[px].was_sender == tid) return 1;
    return 0;
}

int call_get2rmt(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int role, px, dcid;
    TAKE(parm_get2rmt_t, parm)
    int failed = check_timeout(parm.parm_tout, "get2rmt");
    if (failed) return failed;
    pair_t *pair = pair_of_thread(d, c->tid, &role, &px);
    if (!pair) return was_unbound(d, c->tid) ? EDVSSHUTDOWN : slot_of_thread(d, c->tid, c->pid, &dcid) ? EDVSNOPROXY : EDVSNOTBIND;
    if (role != 0) return EDVSBADPROXY;
    if ((failed = touch_writable(parm.parm_pay, pair->maxbuf, "payload of get2rmt"))
        || (failed = touch_writable(parm.parm_cmd, sizeof(cmd_t), "cmd_t of get2rmt"))) return failed;
    int64_t deadline = deadline_of(parm.parm_tout);
    while (1) {
        if (!pair->bound || pair->closing || pair->tid[0] != c->tid) return EDVSSHUTDOWN;
        if (!(pair->flags & PAIR_SCONN)) return EDVSNOTCONN;
        if (pair->head) {
            failed = take_operation(d, pair, &parm);
            if (failed <= 0) return failed;
            continue;
        }
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        if (nap(d, &pair->futex, deadline)) return EDVSINTR;
    }
}
