/* Commands from a peer node. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

static int is_message(int code)
{
    return code == CMD_SEND_MSG || code == CMD_SNDREC_MSG || code == CMD_REPLY_MSG || code == CMD_NTFY_MSG;
}

static int check_privileges(incoming_t *i)
{
    int code = i->cmd.c_cmd, dcid = i->cmd.c_dcid, system = is_system(i->d, dcid, i->src);
    if (is_message(code)) return system || is_system(i->d, dcid, i->dst) ? 0 : EDVSTRAPDENIED;
    /* The source of these is the requester. */
    return !system && code >= CMD_COPYIN_DATA && code <= CMD_COPYRMT_RQST ? EDVSBADCALL : 0;
}

static int check_source(incoming_t *i)
{
    slot_t *src = i->src;
    if (src->u.p_endpoint != i->cmd.c_src) return EDVSENDPOINT;
    if (!src->used) return EDVSNOTBIND;
    if (!(src->u.p_rts_flags & RTS_REMOTE)) return EDVSLCLPROC;
    if (src->u.p_nodeid != i->cmd.c_snode) return EDVSNONODE;
    /* Acknowledgements as well: what is said in its name is not looked at while it waits to send. */
    return src->queued_at ? EDVSENQUEUED : check_privileges(i);
}

/* The checks, in the module's order. */
static int check(incoming_t *i)
{
    driver_t *d = i->d;
    const cmd_t *cmd = &i->cmd;
    int failed = find_dc(d, cmd->c_dcid);
    if (failed) return failed;
    i->src = slot_by_endpoint(d, cmd->c_dcid, cmd->c_src);
    i->dst = slot_by_endpoint(d, cmd->c_dcid, cmd->c_dst);
    if (!i->src || !i->dst) return EDVSRANGE;
    if (!valid_node(d, cmd->c_snode) || !(d->dc[cmd->c_dcid].u.dc_nodes & 1UL << cmd->c_snode)) return EDVSNODCNODE;
    if (cmd->c_dnode != d->nodeid) return EDVSBADNODEID;
    if ((failed = check_source(i))) return failed;
    if (i->dst->u.p_endpoint != cmd->c_dst) return EDVSENDPOINT;
    if (i->dst->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    return i->dst->used ? 0 : EDVSDSTDIED;
}

/* COPYRMT_ACK goes to the requester's node, which is a third one. */
void answer_requester(incoming_t *i, int by, int result)
{
    slot_t *rqtr = slot_by_endpoint(i->d, i->cmd.c_dcid, i->cmd.c_vcopy.v_rqtr);
    if (!rqtr || !rqtr->used || !(rqtr->u.p_rts_flags & RTS_REMOTE) || rqtr->u.p_endpoint != i->cmd.c_vcopy.v_rqtr) return;
    cmd_t ack = command(i->d, CMD_COPYRMT_ACK, i->cmd.c_dcid, by, rqtr->u.p_endpoint, rqtr->u.p_nodeid);
    ack.c_rcode = result;
    ack.c_vcopy = i->cmd.c_vcopy;
    queue_answer(i->d, &ack, result < 0);
}

/* A peer is told of what became of its process's command, not of a command that should not have come at all. */
static int is_answered(int error)
{
    switch (error) {
    case EDVSBADDCID: case EDVSDCNOTRUN: case EDVSRANGE: case EDVSBADNODEID: case EDVSNODCNODE:
    case EDVSENDPOINT: case EDVSNOTBIND: case EDVSLCLPROC: case EDVSNONODE: case EDVSENQUEUED: return 0;
    }
    return 1;
}

static void answer_failure(incoming_t *i, int error)
{
    int code = i->cmd.c_cmd;
    if (!is_answered(error)) return;
    if (is_message(code) && code != CMD_NTFY_MSG) answer(i->d, &i->cmd, CMD_SEND_ACK, error, 1);
    else if (code >= CMD_COPYIN_DATA && code <= CMD_COPYRMT_RQST) answer(i->d, &i->cmd, code | CMD_ACK, error, 1);
    else if (code == CMD_COPYIN_RQST) answer_requester(i, i->cmd.c_dst, error);
}

/* Messages that were handed over, and copies that were taken on: no acknowledgement, no notification, and nothing that was refused or queued. */
static void count(incoming_t *i)
{
    node_usr_t *node = &i->d->node[i->cmd.c_snode];
    i->pair->received++;
    node->n_pxrcvd++;
    clock_gettime(CLOCK_REALTIME, &node->n_rtimestamp);
}

/* A reply is a send: where nobody waits for it, it waits itself. */
static void put_message(incoming_t *i, int is_request)
{
    slot_t *src = i->src;
    settle(src);
    if (is_request) {
        src->u.p_rts_flags |= RTS_RECEIVING;
        src->u.p_misc_flags |= MISC_SENDREC;
        src->u.p_getfrom = i->dst->u.p_endpoint;
    }
    if (!accepts(i->dst, i->cmd.c_src)) {
        src->msg = i->cmd.c_msg;
        queue_at(i->d, i->cmd.c_dcid, i->dst, src, is_request);
        return;
    }
    deliver(i->d, i->dst, i->cmd.c_src, &i->cmd.c_msg);
    count(i);
    if (!is_request) answer(i->d, &i->cmd, CMD_SEND_ACK, 0, 0);
}

/* Who notifies is read off the message, which comes as it is where somebody waits for it. */
static int put_notification(incoming_t *i)
{
    int dcid = i->cmd.c_dcid, nr = i->cmd.c_msg.m_type - NOTIFY_BASE;
    slot_t *from = slot_by_number(i->d, dcid, nr);
    if (!from || !is_system(i->d, dcid, from)) return EDVSPRIVILEGES;
    if (accepts(i->dst, i->cmd.c_src)) deliver(i->d, i->dst, i->cmd.c_src, &i->cmd.c_msg);
    else set_pending(i->d, dcid, i->dst, nr);
    return 0;
}

/* Of a message, nothing positive is a result. */
static int put_acknowledgement(incoming_t *i)
{
    slot_t *dst = i->dst;
    int waits = dst->wait == W_SEND || dst->wait == W_SENDREC || dst->wait == W_REPLY;
    if (!waits || !dst->remote || dst->op) return EDVSACKDST;
    if (dst->request.c_dst != i->cmd.c_src) return EDVSACKSRC;
    int result = i->cmd.c_rcode > 0 ? EDVSGENERIC : i->cmd.c_rcode;
    if (dst->wait == W_SENDREC && !result) return EDVSPROCSTS;      /* only a reply ends a sendrec well */
    finish(i->d, dst, result);
    return 0;
}

static int perform(incoming_t *i)
{
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: case CMD_REPLY_MSG: put_message(i, 0); return 0;
    case CMD_SNDREC_MSG: put_message(i, 1); return 0;
    case CMD_NTFY_MSG: return put_notification(i);
    case CMD_SEND_ACK: case CMD_SNDREC_ACK: return put_acknowledgement(i);
    }
    int error = put_copy(i);
    if (!error && !(i->cmd.c_cmd & CMD_ACK)) count(i);
    return error;
}

int call_put2lcl(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int px;
    char last;
    TAKE(parm_put2lcl_t, parm)
    incoming_t i = { .c = c, .d = d, .payload = parm.parm_pay };
    int failed = take(parm.parm_cmd, &i.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of put2lcl");
    if (failed) return failed;
    if (!parm.parm_pay) { violation("payload of put2lcl is null"); return EDVSFAULT; }
    if ((failed = check_pair(c, 1, &i.pair, &px))) return failed;
    if (i.pair->stuck) never_return(d);
    if (!i.pair->bound) return EDVSPROXYFREE;
    if (!(i.pair->flags & PAIR_RCONN)) return EDVSNOTCONN;
    if (i.cmd.c_len > 0 && read_memory(c->pid, i.payload + i.cmd.c_len - 1, &last, 1)) {
        violation("put2lcl: c_len %d does not fit the payload at %p", i.cmd.c_len, (void *)i.payload);
        return EDVSFAULT;
    }
    int error = check(&i);
    if (!error) error = perform(&i);
    if (error) answer_failure(&i, error);
    return error;
}
