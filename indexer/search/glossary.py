"""Words of the field that mean the same: Chinese ones with their English, short ones with their long.

Most charts are written in English, so “监控” has to find one that says monitoring. A Chinese text in a chart counts as
its English words too, so “monitoring” finds a chart that says 监控.
"""

from collections.abc import Iterator, Mapping

_CHINESE_TEXT = """
# watching
监控 monitoring; 监测 monitoring; 告警 alert; 报警 alert; 警报 alert; 预警 alert; 日志 log, logging; 指标 metrics
度量 metrics; 追踪 tracing, trace; 跟踪 tracing, trace; 链路 tracing, trace; 链路追踪 tracing, trace
可观测 observability; 可观测性 observability; 可视化 visualization, dashboard; 仪表盘 dashboard; 仪表板 dashboard
看板 dashboard, kanban; 面板 dashboard, panel; 大屏 dashboard; 报表 report, reporting; 统计 statistics, analytics
分析 analytics, analysis; 性能 performance; 探针 probe, exporter; 采集 collect, collector; 收集 collect, collector
聚合 aggregate; 事件 event; 审计 audit; 通知 notification, notify; 推送 push, notification; 健康检查 health check
状态页 status page; 巡检 inspection, health; 导出器 exporter; 时钟 clock, time
# data
数据库 database; 数据 data; 关系型 relational, sql; 时序 time series, tsdb; 时间序列 time series; 图数据库 graph
向量 vector; 键值 key value, kv; 文档型 document; 缓存 cache; 内存 memory; 分布式 distributed
主从 replication, replica; 副本 replica, replication; 复制 replication; 分片 shard; 索引 index; 查询 query
搜索 search; 检索 search; 引擎 engine; 全文 full text, search; 备份 backup; 恢复 restore, recovery
还原 restore, recovery; 灾备 disaster recovery, backup; 迁移 migration; 同步 sync, synchronize; 快照 snapshot
仓储 warehouse; 数据仓库 warehouse; 数仓 warehouse; 数据湖 data lake, lakehouse; 大数据 big data, hadoop, spark
流处理 stream; 流式 stream; 实时 real time, realtime; 批处理 batch; 离线 offline, batch; 计算 compute, computing
爬虫 crawler, scraper; 清洗 etl; 元数据 metadata
# messages and jobs
消息 message; 消息队列 message queue, mq, broker; 队列 queue; 订阅 subscribe, pubsub; 总线 bus; 任务 task, job
作业 job; 调度 scheduler; 定时 cron, schedule; 定时任务 cron, scheduled job; 工作流 workflow; 流程 workflow, process
流水线 pipeline; 编排 orchestration; 自动化 automation; 机器人 bot, robot
# storage
存储 storage; 对象存储 object storage, s3; 块存储 block storage; 文件 file; 文件系统 filesystem, file system
磁盘 disk; 网盘 file sharing, cloud storage; 挂载 mount; 持久化 persistence, persistent; 持久卷 persistent volume
镜像 image; 镜像仓库 registry; 仓库 repository, registry; 制品 artifact; 制品库 artifact repository; 归档 archive
下载 download; 上传 upload; 共享 share
# network
网络 network; 网关 gateway; 负载均衡 load balancer, load balancing; 代理 proxy; 反向代理 reverse proxy; 入口 ingress
路由 router, routing; 域名 dns, domain; 域名解析 dns; 证书 certificate; 防火墙 firewall; 网格 mesh
服务网格 service mesh; 服务发现 service discovery; 注册中心 registry, service discovery
配置中心 configuration, config; 配置 configuration; 隧道 tunnel; 流量 traffic; 限流 rate limit; 熔断 circuit breaker
专用网络 vpn; 邮件 mail, email; 邮箱 mail, email; 短信 sms; 边车 sidecar; 带宽 bandwidth; 抓包 packet capture
# security
安全 security; 认证 authentication, auth; 鉴权 authorization, auth; 授权 authorization, auth; 登录 login, sso, auth
单点登录 single sign on, sso; 身份 identity; 权限 permission, rbac; 密钥 secret, key; 密码 password, secret
机密 secret; 凭证 credential, secret; 凭据 credential, secret; 加密 encryption, encrypt; 扫描 scan, scanner
漏洞 vulnerability; 策略 policy; 合规 compliance; 准入 admission; 隔离 isolation; 沙箱 sandbox; 堡垒机 bastion
入侵检测 intrusion detection
# building and running
持续集成 continuous integration, ci; 持续部署 continuous deployment, cd; 持续交付 continuous delivery, cd
构建 build; 打包 package, build; 发布 release; 灰度 canary; 金丝雀 canary; 蓝绿 blue green; 滚动 rolling
代码 code, git; 代码仓库 git, repository; 版本控制 git, version control; 测试 test; 压测 load testing
开发 development; 运维 operations; 混沌 chaos; 弹性 elastic, autoscaling; 伸缩 autoscaling, scaling
弹性伸缩 autoscaling; 自动伸缩 autoscaling; 扩缩容 autoscaling; 扩容 scaling; 容器 container, docker
虚拟机 virtual machine, vm; 虚拟化 virtualization; 无服务器 serverless; 函数 function; 微服务 microservice
云原生 cloud native; 云 cloud; 多租户 multi tenant; 多集群 multi cluster; 集群 cluster; 边缘 edge; 物联网 iot
区块链 blockchain; 高可用 high availability, ha; 成本 cost; 资源 resource; 节点 node; 命名空间 namespace
控制器 controller; 算子 operator; 模板 template; 插件 plugin; 网页 web; 终端 terminal
# applications
博客 blog; 论坛 forum; 维基 wiki; 知识库 knowledge, wiki; 内容管理 content management, cms; 网站 website, web
电商 ecommerce; 商城 ecommerce, shop; 项目管理 project management; 项目 project; 缺陷 bug, issue
工单 ticket, helpdesk; 客服 helpdesk, support; 客户关系 crm; 财务 accounting, finance; 聊天 chat
即时通讯 messaging, chat; 会议 meeting; 视频 video; 音乐 music; 音频 audio; 媒体 media; 相册 photo; 照片 photo
图片 image, photo; 文档 document; 笔记 note, notebook; 笔记本 notebook; 表单 form; 问卷 survey; 翻译 translation
机器学习 machine learning, ml; 学习 learning; 深度学习 deep learning; 人工智能 ai, artificial intelligence
大模型 llm; 模型 model; 推理 inference; 训练 training; 显卡 gpu; 浏览器 browser; 游戏 game; 地图 map; 日历 calendar
短链接 url shortener; 客户端 client; 服务器 server; 服务端 server; 接口 api; 协作 collaboration; 办公 office
智能家居 home automation; 界面 ui, interface; 管理 management; 门户 portal; 目录 directory, catalog; 低代码 low code
商业智能 business intelligence, bi; 交易 trading; 支付 payment
"""

_GENERIC_TEXT = """
系统 system; 平台 platform; 工具 tool; 服务 service; 软件 software; 组件 component; 程序 program; 方案 solution
解决方案 solution; 应用 application, app; 图表 chart; 开源 open source; 安装 install; 部署 deploy, deployment
中间件 middleware; 框架 framework; 官方 official; 一个; 推荐; 最好; 使用; 如何; 怎么; 支持; 相关; 用于
"""

FILLERS = frozenset("的了和与及或是在把给用个做有")
"""Characters that join words and tell nothing: “数据库和缓存” asks for 数据库 and 缓存."""

_SYNONYMS_TEXT = """
k8s kubernetes; kubernetes k8s                        # both are written everywhere
db database; database db                              # “db backup”
postgres postgresql; postgresql postgres              # the server names itself both ways
pg postgresql, postgres; pgsql postgresql, postgres; psql postgresql, postgres
mongo mongodb; mongodb mongo                          # people say mongo, charts mongodb
es elasticsearch; elk elasticsearch, elastic stack; efk elasticsearch   # how its users shorten it
zk zookeeper; wp wordpress; prom prometheus; otel opentelemetry; opentelemetry otel
lb load balancer; loadbalancer lb                     # “lb” stands in names (metallb), the words in descriptions
mq message queue, broker, messaging                   # no chart says MQ of itself
cert certificate; certificate cert                    # cert-manager “manages certificates”
auth authentication, authorization; authn authentication; authz authorization
config configuration; configuration config
repo repository; repository repo
rmq rabbitmq; gw gateway; vm virtual machine; ml machine learning; ha high availability
ssl tls; tls ssl                                      # one is the other's old name
mail email; email mail
gitops continuous delivery                            # what argo-cd and flux call it
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    entries = (entry.strip().partition(" ") for line in lines for entry in line.split(";"))
    return {word: tuple(filter(None, map(str.strip, means.split(",")))) for word, _, means in entries if word}


GENERIC: Mapping[str, tuple[str, ...]] = _table(_GENERIC_TEXT)
"""Chinese words true of nearly every chart, such as 系统: they restrict nothing, as COMMON_WORDS do not."""

CHINESE: Mapping[str, tuple[str, ...]] = {**_table(_CHINESE_TEXT), **GENERIC}
"""A Chinese word and what it is in English, any will do, the usual one first; several words must all be found."""

SYNONYMS: Mapping[str, tuple[str, ...]] = _table(_SYNONYMS_TEXT)
"""A word of a query and what else will do for it."""

_LONGEST = max(map(len, CHINESE))


def segments(run: str) -> list[str]:
    """A run of CJK characters in pieces: words of CHINESE, the longest first at each place, and what is between."""
    found: list[str] = []
    between = at = 0
    while at < len(run):
        word = next(_known_at(run, at), "")
        if word:
            found += [run[between:at], word]
            between = at + len(word)
        at += len(word) or 1
    return [piece for piece in (*found, run[between:]) if piece]


def known(run: str) -> Iterator[str]:
    """The words of CHINESE that stand anywhere in a run, also inside one another."""
    for at in range(len(run)):
        yield from _known_at(run, at)


def _known_at(run: str, at: int) -> Iterator[str]:
    """Words that begin at a place, the longest first."""
    for size in range(min(_LONGEST, len(run) - at), 0, -1):
        if (word := run[at : at + size]) in CHINESE:
            yield word
