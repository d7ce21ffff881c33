/* get2rmt: what was queued goes to the sender proxy. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

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
    cmd->c_len = bytes;
    if (!bytes) return 0;
    int failed = read_memory(source->pid, cmd->c_vcopy.v_saddr, d->scratch, bytes);
    return failed ? failed : write_memory(getpid(), payload, d->scratch, bytes);
}

/* A request can have outlived what it was made for. */
static int check_request(driver_t *d, const cmd_t *cmd)
{
    if (!d->dc[cmd->c_dcid].running) return EDVSDCNOTRUN;
    if (!(d->dc[cmd->c_dcid].u.dc_nodes & 1UL << cmd->c_dnode)) return EDVSNODCNODE;
    slot_t *to = slot_by_endpoint(d, cmd->c_dcid, cmd->c_dst);
    if (!to || !to->used) return EDVSNOTBIND;
    return to->u.p_nodeid == cmd->c_dnode ? 0 : EDVSNONODE;
}

/* Of the answers it is the acknowledgement of a block for a process that is not there which does not go. */
static int check_answer(driver_t *d, const cmd_t *cmd)
{
    slot_t *by = cmd->c_cmd == CMD_COPYIN_ACK && d->dc[cmd->c_dcid].running ? slot_by_endpoint(d, cmd->c_dcid, cmd->c_src) : NULL;
    return by && !by->used ? EDVSBADPROC : 0;
}

/* Who speaks: the process that asked, or the one in whose name is answered; -1 where nobody is bound. */
static int speaker(driver_t *d, const cmd_t *cmd)
{
    slot_t *s = d->dc[cmd->c_dcid].running ? slot_by_endpoint(d, cmd->c_dcid, cmd->c_src) : NULL;
    return s && s->used ? s->u.p_lpid : -1;
}

/* 0 handed out, or an error of this one operation: whoever waits for it here hears so, the peer does not. */
static int take_operation(driver_t *d, pair_t *pair, const parm_get2rmt_t *parm)
{
    int index = pair->head;
    op_t op = d->op[index - 1];
    pair->head = op.next;
    if (!pair->head) pair->tail = 0;
    d->op[index - 1].next = d->free_op;
    d->free_op = index;
    slot_t *owner = op.owner >= 0 ? &d->dc[op.dc].slot[op.owner] : NULL;
    if (owner) { owner->op = 0; owner->u.p_proxy = NONE; }
    int failed = owner ? check_request(d, &op.cmd) : check_answer(d, &op.cmd);
    if (!failed && carries_block(&op.cmd)) failed = fetch_block(d, &op.cmd, parm->parm_pay);
    if (failed) {
        if (owner) finish(d, owner, failed);
        return failed;
    }
    op.cmd.c_flags = op.cmd.c_snd_seq = op.cmd.c_ack_seq = 0;
    op.cmd.c_batch_nr = 0;
    op.cmd.c_pid = owner ? owner->u.p_lpid : speaker(d, &op.cmd);
    clock_gettime(CLOCK_REALTIME, &op.cmd.c_timestamp);
    node_usr_t *node = &d->node[op.cmd.c_dnode];
    node->n_pxsent++;
    node->n_stimestamp = op.cmd.c_timestamp;
    pair->sent++;
    failed = give(parm->parm_cmd, &op.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of get2rmt");
    if (!owner) return failed;
    owner->u.p_rts_flags &= ~(unsigned long)RTS_RMTOP;
    if (owner->wait == W_NOTIFY) finish(d, owner, 0);
    else if (owner->wait == W_SENDREC) {
        owner->u.p_rts_flags &= ~(unsigned long)RTS_SENDING;
        owner->u.p_sendto = NONE;
    }
    return failed;
}

int call_get2rmt(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int px;
    pair_t *pair;
    TAKE(parm_get2rmt_t, parm)
    int failed = check_timeout(parm.parm_tout, "get2rmt");
    if (failed || (failed = check_pair(c, 0, &pair, &px))) return failed;
    if (pair->stuck) never_return(d);
    if ((pair->maxbuf && (failed = touch_writable(parm.parm_pay, pair->maxbuf, "payload of get2rmt")))
        || (failed = touch_writable(parm.parm_cmd, sizeof(cmd_t), "cmd_t of get2rmt"))) return failed;
    int64_t deadline = deadline_of(parm.parm_tout);
    while (1) {
        if (pair->tid[0] != c->tid) return EDVSSHUTDOWN;
        if (!(pair->flags & PAIR_SCONN)) return EDVSNOTCONN;
        if (pair->head) return take_operation(d, pair, &parm);
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        pair->slept = 1;
        if (nap(d, &pair->futex, deadline)) return EDVSINTR;
    }
}
